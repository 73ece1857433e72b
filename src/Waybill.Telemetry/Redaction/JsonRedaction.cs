using System.Text.Json;
using Waybill.Batches;

namespace Waybill.Redaction;

/// <summary>
/// Redacts JSON without changing its structure: what is not sensitive stays byte for byte. A property's value is looked at under its path of keys, an element
/// under its list's; a value that a rule drops becomes <c>null</c>; a number that is changed becomes a string.
/// </summary>
internal sealed class JsonRedaction(RedactionPass pass)
{
    private const int DepthMax = 128, PathMax = 512;

    private readonly KeyPlan[] _plans = new KeyPlan[DepthMax + 1];
    private readonly int[] _pathLengths = new int[DepthMax + 1];
    private readonly byte[] _path = new byte[PathMax];
    private readonly TextArena _value = new(), _unescaped = new();

    /// <summary>Appends the redacted JSON to <paramref name="to"/>; text that is no JSON is redacted as text.</summary>
    /// <returns>False when nothing changes; what was appended means nothing then.</returns>
    public bool Rewrite(ReadOnlySpan<byte> json, KeyPlan root, Carrier carrier, bool hasKey, TextArena to)
    {
        int begin = to.Length;
        try
        {
            return RewriteJson(json, root, carrier, hasKey, to);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            to.Truncate(begin);
            return pass.Rewrite(json, root, carrier, hasKey, to);
        }
    }

    private bool RewriteJson(ReadOnlySpan<byte> json, KeyPlan root, Carrier carrier, bool hasKey, TextArena to)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMax });
        int copied = 0, pathLength = StartPath(root, hasKey);
        bool changed = false, isBase64 = false;
        KeyPlan current = root;
        while (reader.Read())
        {
            bool replaced = false;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    _plans[reader.CurrentDepth] = current;
                    _pathLengths[reader.CurrentDepth] = pathLength;
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    current = _plans[reader.CurrentDepth];
                    pathLength = _pathLengths[reader.CurrentDepth];
                    continue;
                case JsonTokenType.PropertyName:
                    var key = Unescape(ref reader);
                    int outer = reader.CurrentDepth - 1;
                    isBase64 = key.SequenceEqual("$bytes"u8);
                    current = isBase64 ? _plans[outer] : PlanBelow(_plans[outer], _pathLengths[outer], key, carrier, out pathLength);
                    _value.Clear();
                    replaced = pass.RewriteKey(key, current, carrier, _value);
                    break;
                case JsonTokenType.String:
                    var text = Unescape(ref reader);
                    _value.Clear();
                    replaced = current.Whole is { Action: RedactionAction.Drop } ? Null(current, carrier, text)
                        : isBase64 ? pass.RewriteBase64(text, current, carrier, true, _value) : pass.Rewrite(text, current, carrier, hasKey || current != root, _value);
                    isBase64 = false;
                    break;
                case JsonTokenType.Number when current.LooksAtNumbers:
                    _value.Clear();
                    replaced = current.Whole is { Action: RedactionAction.Drop } ? Null(current, carrier, reader.ValueSpan) : pass.Rewrite(reader.ValueSpan, current, carrier, true, _value);
                    break;
            }
            if (!replaced) continue;
            changed = true;
            int start = (int)reader.TokenStartIndex;
            to.Append(json[copied..start]);
            if (_value.Bytes.SequenceEqual(NullMark)) to.Append("null"u8);
            else AppendQuoted(to, _value.Bytes);
            // A property's name is consumed with its colon.
            copied = reader.TokenType == JsonTokenType.PropertyName ? start + reader.ValueSpan.Length + 2 : (int)reader.BytesConsumed;
        }
        if (changed) to.Append(json[copied..]);
        return changed;
    }

    private static ReadOnlySpan<byte> NullMark => [0xFF];

    private bool Null(KeyPlan plan, Carrier carrier, ReadOnlySpan<byte> found)
    {
        pass.Count(plan, carrier, hasKey: true, Detector.Key, found);
        _value.Append(NullMark);
        return true;
    }

    private int StartPath(KeyPlan root, bool hasKey)
    {
        if (!hasKey || root.Key.Length > PathMax) return 0;
        root.Key.CopyTo(_path, 0);
        return root.Key.Length;
    }

    /// <summary>What was decided over an outer key holds for all below it.</summary>
    private KeyPlan PlanBelow(KeyPlan outer, int outerLength, ReadOnlySpan<byte> key, Carrier carrier, out int pathLength)
    {
        pathLength = outerLength;
        if (outer.Whole is not null || outer.Secret != Detection.SecretName.None) return outer;
        if (outerLength + 1 + key.Length > PathMax) outerLength = 0;   // so deep, the last key alone must do
        if (key.Length > PathMax) key = key[..PathMax];
        pathLength = outerLength;
        if (pathLength > 0) _path[pathLength++] = (byte)'.';
        if (pathLength + key.Length > PathMax) pathLength = 0;
        key.CopyTo(_path.AsSpan(pathLength));
        pathLength += key.Length;
        return pass.PlanOfPath(_path.AsSpan(0, pathLength), carrier);
    }

    private ReadOnlySpan<byte> Unescape(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return reader.ValueSpan;
        _unescaped.Clear();
        var room = _unescaped.Reserve(reader.ValueSpan.Length);
        return room[..reader.CopyString(room)];
    }

    private static void AppendQuoted(TextArena to, ReadOnlySpan<byte> text)
    {
        to.Append("\""u8);
        while (!text.IsEmpty)
        {
            int plain = 0;
            while (plain < text.Length && text[plain] >= 0x20 && text[plain] is not ((byte)'"' or (byte)'\\')) plain++;
            to.Append(text[..plain]);
            if (plain == text.Length) break;
            byte c = text[plain];
            if (c is (byte)'"' or (byte)'\\') to.Append([(byte)'\\', c]);
            else to.Append([(byte)'\\', (byte)'u', (byte)'0', (byte)'0', (byte)('0' + (c >> 4)), "0123456789abcdef"u8[c & 15]]);
            text = text[(plain + 1)..];
        }
        to.Append("\""u8);
    }
}
