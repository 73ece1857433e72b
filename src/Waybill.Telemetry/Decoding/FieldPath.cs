using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Waybill.Otlp;

namespace Waybill.Decoding;

/// <summary>A protobuf message's fields, as far as paths in error texts need them.</summary>
internal sealed record ProtoSchema
{
    public required (int Number, string Name, bool Repeated, Func<ProtoSchema>? Message)[] Fields { get; init; }
}

/// <summary>Names the field at a byte of a body. Walks the body again, only when a request has something wrong: decoding itself keeps no path.</summary>
internal static class FieldPath
{
    /// <summary>Deep values repeat; a path this long says enough.</summary>
    private const int SegmentsMax = 12;

    private static readonly SearchValues<byte> FieldLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789"u8);

    public static string InProtobuf(ReadOnlySpan<byte> body, ProtoSchema schema, int offset)
    {
        var path = new StringBuilder();
        var reader = new ProtoReader(body);
        Span<int> seen = stackalloc int[32];
        for (int segments = 0; segments < SegmentsMax; segments++)
        {
            seen.Clear();
            ProtoSchema? inner = null;
            while (reader.More)
            {
                if (!reader.TryTag(out uint tag)) return path.ToString();
                int number = (int)(tag >> 3);
                int index = number < seen.Length ? seen[number]++ : 0;
                var probe = reader;
                bool skipped = reader.TrySkip(tag);
                if (skipped && reader.Position <= offset) continue;

                var field = Array.Find(schema.Fields, f => f.Number == number);
                if (field.Name is null) return path.ToString();
                if (path.Length > 0) path.Append('.');
                path.Append(field.Name);
                if (field.Repeated) path.Append(CultureInfo.InvariantCulture, $"[{index}]");
                if (field.Message is null || (tag & 7) != 2 || !probe.TryEnter(out var frame) || frame.Start > offset) return path.ToString();
                inner = field.Message();
                reader = probe;
                break;
            }
            if (inner is null || offset == reader.Position) return path.ToString();
            schema = inner;
        }
        return path.ToString();
    }

    public static string InJson(ReadOnlySpan<byte> body, int start, int offset)
    {
        var names = new List<string>();
        var indexes = new List<int>();
        var json = new Utf8JsonReader(body[start..], new JsonReaderOptions { MaxDepth = JsonReading.DepthMax });
        try
        {
            while (json.Read() && json.TokenStartIndex + start <= offset)
            {
                if (json.CurrentDepth > SegmentsMax * 3) break;
                if (json.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    names.RemoveAt(names.Count - 1);
                    indexes.RemoveAt(indexes.Count - 1);
                    continue;
                }
                if (json.TokenType == JsonTokenType.PropertyName)
                {
                    names[^1] = Name(json.ValueSpan);
                    continue;
                }
                if (indexes.Count > 0 && indexes[^1] >= -1) indexes[^1]++;
                if (json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) continue;
                names.Add("");
                indexes.Add(json.TokenType == JsonTokenType.StartArray ? -1 : -2);
            }
        }
        catch (JsonException)
        {
            // The fault itself: what was read until here is the path to it.
        }
        var path = new StringBuilder();
        for (int i = 0; i < names.Count && i < SegmentsMax * 2; i++)
        {
            if (indexes[i] >= 0) path.Append(CultureInfo.InvariantCulture, $"[{indexes[i]}]");
            if (names[i].Length > 0) path.Append(path.Length > 0 ? "." : "").Append(names[i]);
        }
        return path.ToString();
    }

    // Error texts reach logs: only what looks like a field's name is repeated, never free text of the sender.
    private static string Name(ReadOnlySpan<byte> name) =>
        name.Length is 0 or > 40 || name.ContainsAnyExcept(FieldLetters) ? "?" : Encoding.ASCII.GetString(name);
}
