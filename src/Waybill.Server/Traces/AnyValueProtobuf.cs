using System.Globalization;
using System.Text;
using System.Text.Json;
using Waybill.Ingest;

namespace Waybill.Traces;

/// <summary>Writes a stored value as OTLP's AnyValue.</summary>
internal static class AnyValueProtobuf
{
    public static void Write(ProtobufWriter to, byte type, ReadOnlySpan<byte> text)
    {
        switch (type)
        {
            case (byte)'b': to.Number(2, text.SequenceEqual("true"u8) ? 1UL : 0); break;
            case (byte)'i': to.Number(3, (ulong)long.Parse(text, provider: CultureInfo.InvariantCulture)); break;
            case (byte)'d': to.Double(4, Double(Encoding.UTF8.GetString(text))); break;
            case (byte)'x': to.Bytes(7, Convert.FromBase64String(Encoding.UTF8.GetString(text))); break;
            case (byte)'n': break;
            case (byte)'j':
                var json = new Utf8JsonReader(text);
                json.Read();
                WriteNested(to, ref json);
                break;
            default: to.Bytes(1, text); break;
        }
    }

    // Depth is bounded: what is stored was written with at most DecodeLimits.NestingMax levels.
    private static void WriteNested(ProtobufWriter to, ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String: to.Bytes(1, Encoding.UTF8.GetBytes(json.GetString()!)); break;
            case JsonTokenType.True or JsonTokenType.False: to.Number(2, json.GetBoolean() ? 1UL : 0); break;
            case JsonTokenType.Number when json.ValueSpan.ContainsAny(".eE"u8): to.Double(4, json.GetDouble()); break;
            case JsonTokenType.Number: to.Number(3, (ulong)json.GetInt64()); break;
            case JsonTokenType.StartArray:
                var array = new ProtobufWriter();
                while (json.Read() && json.TokenType != JsonTokenType.EndArray) array.Message(1, Nested(ref json));
                to.Message(5, array);
                break;
            case JsonTokenType.StartObject: WriteObject(to, ref json); break;
        }
    }

    private static void WriteObject(ProtobufWriter to, ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.PropertyName && (json.ValueTextEquals("$bytes"u8) || json.ValueTextEquals("$double"u8)))
        {
            bool isBytes = json.ValueTextEquals("$bytes"u8);
            json.Read();
            if (isBytes) to.Bytes(7, json.GetBytesFromBase64());
            else to.Double(4, Double(json.GetString()!));
            json.Read();
            return;
        }
        var list = new ProtobufWriter();
        for (; json.TokenType == JsonTokenType.PropertyName; json.Read())
        {
            string key = json.GetString()!;
            json.Read();
            list.Message(1, new ProtobufWriter().Bytes(1, Encoding.UTF8.GetBytes(key.StartsWith('$') ? key[1..] : key)).Message(2, Nested(ref json)));
        }
        to.Message(6, list);
    }

    private static ProtobufWriter Nested(ref Utf8JsonReader json)
    {
        var value = new ProtobufWriter();
        WriteNested(value, ref json);
        return value;
    }

    private static double Double(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
