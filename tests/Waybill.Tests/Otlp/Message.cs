using System.Globalization;
using System.Text.Json;
using Google.Protobuf;

namespace Waybill.Otlp;

public enum Wire { Varint, Int64, Bool, SInt32, Fixed64, SFixed64, Fixed32, Double, Text, Id, Bytes, Message, PackedFixed64, PackedDouble, PackedVarint }

public sealed record Field(int Number, string Name, Wire Wire, object Value, bool Repeated = false);

/// <summary>An OTLP message as a list of fields, written by Google's CodedOutputStream and as OTLP/JSON: the oracle for both decoders.</summary>
public sealed class Message
{
    public List<Field> Fields { get; } = [];

    public Message Add(int number, string name, Wire wire, object? value)
    {
        if (value is not null) Fields.Add(new Field(number, name, wire, value));
        return this;
    }

    public Message AddAll(int number, string name, IEnumerable<Message> messages)
    {
        foreach (var message in messages) Fields.Add(new Field(number, name, Wire.Message, message, Repeated: true));
        return this;
    }

    public T Get<T>(string name, T absent) => Fields.FindLast(f => f.Name == name) is { } field ? (T)field.Value : absent;
    public Message Child(string name) => Get(name, new Message());
    public IEnumerable<Message> All(string name) => Fields.Where(f => f.Name == name).Select(f => (Message)f.Value);

    public byte[] ToProtobuf()
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        foreach (var field in Fields) Write(output, field);
        output.Flush();
        return stream.ToArray();
    }

    private static void Write(CodedOutputStream output, Field field)
    {
        void Tag(WireFormat.WireType type) => output.WriteTag(field.Number, type);
        switch (field.Wire)
        {
            case Wire.Varint: Tag(WireFormat.WireType.Varint); output.WriteUInt64(Convert.ToUInt64(field.Value, CultureInfo.InvariantCulture)); break;
            case Wire.Int64: Tag(WireFormat.WireType.Varint); output.WriteInt64((long)field.Value); break;
            case Wire.Bool: Tag(WireFormat.WireType.Varint); output.WriteBool((bool)field.Value); break;
            case Wire.SInt32: Tag(WireFormat.WireType.Varint); output.WriteSInt32((int)field.Value); break;
            case Wire.Fixed64: Tag(WireFormat.WireType.Fixed64); output.WriteFixed64((ulong)field.Value); break;
            case Wire.SFixed64: Tag(WireFormat.WireType.Fixed64); output.WriteSFixed64((long)field.Value); break;
            case Wire.Fixed32: Tag(WireFormat.WireType.Fixed32); output.WriteFixed32((uint)field.Value); break;
            case Wire.Double: Tag(WireFormat.WireType.Fixed64); output.WriteDouble((double)field.Value); break;
            case Wire.Text: Tag(WireFormat.WireType.LengthDelimited); output.WriteString((string)field.Value); break;
            case Wire.Id or Wire.Bytes: Tag(WireFormat.WireType.LengthDelimited); output.WriteBytes(ByteString.CopyFrom((byte[])field.Value)); break;
            default: Tag(WireFormat.WireType.LengthDelimited); output.WriteBytes(ByteString.CopyFrom(Inner(field))); break;
        }
    }

    private static byte[] Inner(Field field)
    {
        if (field.Value is Message message) return message.ToProtobuf();
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        if (field.Wire == Wire.PackedDouble) foreach (double d in (double[])field.Value) output.WriteDouble(d);
        else if (field.Wire == Wire.PackedFixed64) foreach (ulong n in (ulong[])field.Value) output.WriteFixed64(n);
        else foreach (ulong n in (ulong[])field.Value) output.WriteUInt64(n);
        output.Flush();
        return stream.ToArray();
    }

    /// <param name="random">Chooses among the spellings OTLP/JSON allows: numbers or strings, either case of hexadecimal.</param>
    public byte[] ToJson(Random random)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) Write(writer, random);
        return stream.ToArray();
    }

    private void Write(Utf8JsonWriter writer, Random random)
    {
        writer.WriteStartObject();
        foreach (var group in Fields.GroupBy(f => f.Name))
        {
            writer.WritePropertyName(group.Key);
            if (!group.First().Repeated) Write(writer, group.Last(), random);
            else
            {
                writer.WriteStartArray();
                foreach (var field in group) Write(writer, field, random);
                writer.WriteEndArray();
            }
        }
        if (random.Next(4) == 0)
        {
            writer.WritePropertyName("unknownField");
            writer.WriteRawValue("""[{"a":[1,"x",null]}]""");
        }
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Field field, Random random)
    {
        switch (field.Value)
        {
            case Message message: message.Write(writer, random); break;
            case string text: writer.WriteStringValue(text); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case int number: writer.WriteNumberValue(number); break;
            case uint number: writer.WriteNumberValue(number); break;
            case byte[] id when field.Wire == Wire.Id: writer.WriteStringValue(random.Next(2) == 0 ? Convert.ToHexStringLower(id) : Convert.ToHexString(id)); break;
            case byte[] bytes: writer.WriteStringValue(random.Next(2) == 0 ? Convert.ToBase64String(bytes) : Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_')); break;
            case double real: WriteDouble(writer, real); break;
            case double[] reals: writer.WriteStartArray(); foreach (double d in reals) WriteDouble(writer, d); writer.WriteEndArray(); break;
            case ulong[] numbers: writer.WriteStartArray(); foreach (ulong n in numbers) WriteInteger(writer, n, random); writer.WriteEndArray(); break;
            default: WriteInteger(writer, field.Value, random); break;
        }
    }

    private static void WriteInteger(Utf8JsonWriter writer, object value, Random random)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        if (random.Next(2) == 0) writer.WriteRawValue(text);
        else writer.WriteStringValue(text);
    }

    private static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }
}
