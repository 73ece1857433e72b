using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;

namespace Waybill.Tempo;

/// <summary>Reads OTLP as Tempo and Jaeger answer it, with Google's reader and from the field numbers of the specification, into the one form of OTLP/JSON.</summary>
internal static class OtlpReader
{
    private enum Kind { Text, Id, Bytes, Bool, Int, Number, Double, Fixed64, Fixed32, Message }

    private sealed class Shape(params Field[] fields)
    {
        public Dictionary<int, Field> Fields { get; } = fields.ToDictionary(field => field.Number);
    }

    private sealed record Field(int Number, string Name, Kind Kind, Func<Shape>? Of = null, bool Repeated = false);

    private static readonly Shape List = new(new Field(1, "values", Kind.Message, () => Value!, Repeated: true));
    private static readonly Shape Pairs = new(new Field(1, "values", Kind.Message, () => Pair!, Repeated: true));
    private static readonly Shape Value = new(new Field(1, "stringValue", Kind.Text), new Field(2, "boolValue", Kind.Bool), new Field(3, "intValue", Kind.Int), new Field(4, "doubleValue", Kind.Double),
        new Field(5, "arrayValue", Kind.Message, () => List), new Field(6, "kvlistValue", Kind.Message, () => Pairs), new Field(7, "bytesValue", Kind.Bytes));
    private static readonly Shape Pair = new(new Field(1, "key", Kind.Text), new Field(2, "value", Kind.Message, () => Value));
    private static readonly Shape Event = new(new Field(1, "timeUnixNano", Kind.Fixed64), new Field(2, "name", Kind.Text), Attributes(3), new Field(4, "droppedAttributesCount", Kind.Number));
    private static readonly Shape Link = new(new Field(1, "traceId", Kind.Id), new Field(2, "spanId", Kind.Id), new Field(3, "traceState", Kind.Text), Attributes(4), new Field(5, "droppedAttributesCount", Kind.Number), new Field(6, "flags", Kind.Fixed32));
    private static readonly Shape Status = new(new Field(2, "message", Kind.Text), new Field(3, "code", Kind.Number));
    private static readonly Shape Span = new(new Field(1, "traceId", Kind.Id), new Field(2, "spanId", Kind.Id), new Field(3, "traceState", Kind.Text), new Field(4, "parentSpanId", Kind.Id), new Field(5, "name", Kind.Text),
        new Field(6, "kind", Kind.Number), new Field(7, "startTimeUnixNano", Kind.Fixed64), new Field(8, "endTimeUnixNano", Kind.Fixed64), Attributes(9), new Field(10, "droppedAttributesCount", Kind.Number),
        new Field(11, "events", Kind.Message, () => Event, Repeated: true), new Field(12, "droppedEventsCount", Kind.Number), new Field(13, "links", Kind.Message, () => Link, Repeated: true),
        new Field(14, "droppedLinksCount", Kind.Number), new Field(15, "status", Kind.Message, () => Status), new Field(16, "flags", Kind.Fixed32));
    private static readonly Shape Scope = new(new Field(1, "name", Kind.Text), new Field(2, "version", Kind.Text), Attributes(3), new Field(4, "droppedAttributesCount", Kind.Number));
    private static readonly Shape ScopeSpans = new(new Field(1, "scope", Kind.Message, () => Scope), new Field(2, "spans", Kind.Message, () => Span, Repeated: true), new Field(3, "schemaUrl", Kind.Text));
    private static readonly Shape Resource = new(Attributes(1), new Field(2, "droppedAttributesCount", Kind.Number));
    private static readonly Shape ResourceSpans = new(new Field(1, "resource", Kind.Message, () => Resource), new Field(2, "scopeSpans", Kind.Message, () => ScopeSpans, Repeated: true), new Field(3, "schemaUrl", Kind.Text));
    private static readonly Shape Trace = new(new Field(1, "resourceSpans", Kind.Message, () => ResourceSpans, Repeated: true));
    private static readonly Shape ById = new(new Field(1, "trace", Kind.Message, () => Trace), new Field(3, "status", Kind.Number), new Field(4, "message", Kind.Text));

    /// <summary>Tempo's Trace, which is OTLP's TracesData.</summary>
    public static JsonObject ReadTrace(byte[] bytes) => Read(new CodedInputStream(bytes), Trace, []);

    /// <summary>Tempo's TraceByIDResponse.</summary>
    public static JsonObject ReadById(byte[] bytes) => Read(new CodedInputStream(bytes), ById, []);

    /// <summary>What protobuf's mapping to JSON writes otherwise than OTLP/JSON: ids in base64, enumerations by name.</summary>
    public static JsonNode OfProtobufJson(JsonNode node)
    {
        if (node is JsonArray array) foreach (JsonNode? item in array) OfProtobufJson(item!);
        if (node is not JsonObject members) return node;
        foreach (var (name, value) in members.ToList())
        {
            if (name is "traceId" or "spanId" or "parentSpanId") members[name] = Convert.ToHexStringLower(Convert.FromBase64String(value!.GetValue<string>()));
            else if (name is "kind") members[name] = Array.IndexOf(["SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"], value!.GetValue<string>());
            else if (name is "code") members[name] = Array.IndexOf(["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"], value!.GetValue<string>());
            else if (value is not null) OfProtobufJson(value);
        }
        return node;
    }

    public static JsonElement ToElement(this JsonNode node) => JsonSerializer.SerializeToElement(node);

    private static Field Attributes(int number) => new(number, "attributes", Kind.Message, () => Pair, Repeated: true);

    private static JsonObject Read(CodedInputStream input, Shape shape, JsonObject into)
    {
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            Assert.True(shape.Fields.TryGetValue(WireFormat.GetTagFieldNumber(tag), out Field? field), $"There is no field {WireFormat.GetTagFieldNumber(tag)}.");
            if (field.Kind == Kind.Message)
            {
                // As the specification says: a message that comes twice is merged, a repeated one is one more.
                JsonObject inner = Read(input.ReadBytes().CreateCodedInput(), field.Of!(), !field.Repeated && into[field.Name] is JsonObject earlier ? earlier : []);
                if (field.Repeated) ((JsonArray)(into[field.Name] ??= new JsonArray())).Add(inner);
                else if (into[field.Name] is null) into[field.Name] = inner;
                continue;
            }
            into[field.Name] = field.Kind switch
            {
                Kind.Text => input.ReadString(),
                Kind.Id => Convert.ToHexStringLower(input.ReadBytes().Span),
                Kind.Bytes => input.ReadBytes().ToBase64(),
                Kind.Bool => input.ReadBool(),
                Kind.Int => input.ReadInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
                Kind.Fixed64 => input.ReadFixed64().ToString(System.Globalization.CultureInfo.InvariantCulture),
                Kind.Fixed32 => input.ReadFixed32(),
                Kind.Double => input.ReadDouble() is var real && double.IsFinite(real) ? real : real.ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => input.ReadUInt64(),
            };
        }
        return into;
    }
}
