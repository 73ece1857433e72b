using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Waybill.Access;

/// <summary>A text that never prints: logs, dumps of options, exceptions and JSON show <c>[secret]</c>. <see cref="Reveal"/> is the one way to it.</summary>
[JsonConverter(typeof(SecretJson)), TypeConverter(typeof(SecretSetting))]
public sealed class Secret(string value)
{
    private readonly string _value = value;

    public int Length => _value.Length;

    public string Reveal() => _value;

    public byte[] RevealBytes() => Encoding.UTF8.GetBytes(_value);

    public override string ToString() => "[secret]";
}

/// <summary>Reads a secret from a request; never writes one.</summary>
internal sealed class SecretJson : JsonConverter<Secret>
{
    public override Secret? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } value ? new Secret(value) : null;

    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue("[secret]");
}

/// <summary>Reads a secret from the settings.</summary>
internal sealed class SecretSetting : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) => value is string { Length: > 0 } text ? new Secret(text) : null;
}
