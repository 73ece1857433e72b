using System.Runtime.CompilerServices;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>Attributes and values in protobuf.</summary>
/// <remarks>
/// KeyValue { string key = 1; AnyValue value = 2 }
/// AnyValue oneof { string = 1; bool = 2; int64 = 3; double = 4; ArrayValue = 5; KeyValueList = 6; bytes = 7 }; nothing set is the empty value.
/// ArrayValue { repeated AnyValue values = 1 }   KeyValueList { repeated KeyValue values = 1 }
/// </remarks>
internal static class ProtoAnyValue
{
    private const uint AnyValueFields = 0b1111_1110, KeyValueFields = 0b110, ListFields = 0b10;

    /// <summary>Reads one KeyValue and adds it, or counts it into <paramref name="dropped"/> when the limit is reached or it has no key.</summary>
    public static bool TryAttribute(ref ProtoReader reader, ref DecodeState state, AttributeColumns attributes, int first, int max, ref uint dropped)
    {
        if (!reader.TryEnter(out var frame)) return false;
        if (attributes.Count - first >= max) return Drop(ref reader, ref state, frame, ref dropped);

        Text key = default;
        AnyValue value = default;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x0a:
                    if (!reader.TryBytes(out int offset, out int length)) return false;
                    key = state.Take(offset, length, state.KeyBytesMax);
                    break;
                case 0x12:
                    if (!TryRead(ref reader, ref state, state.ValueBytesMax, out value)) return false;
                    break;
                default:
                    if (!reader.TrySkip(tag, KeyValueFields)) return false;
                    break;
            }
        }
        if (key.IsEmpty) return Drop(ref reader, ref state, frame, ref dropped);
        reader.Leave(frame);
        attributes.Add(key, value);
        return true;
    }

    private static bool Drop(ref ProtoReader reader, ref DecodeState state, in ProtoFrame frame, ref uint dropped)
    {
        reader.Leave(frame);
        state.Counts.DroppedAttributes++;
        if (dropped < uint.MaxValue) dropped++;
        return true;
    }

    /// <summary>Reads an AnyValue, its length first. Of several fields set the last counts, as in any oneof.</summary>
    public static bool TryRead(ref ProtoReader reader, ref DecodeState state, int bytesMax, out AnyValue value)
    {
        value = default;
        if (!reader.TryEnter(out var frame)) return false;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            int offset, length;
            ulong bits;
            switch (tag)
            {
                case 0x0a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    value = AnyValue.String(state.Take(offset, length, bytesMax));
                    break;
                case 0x10:
                    if (!reader.TryVarint(out bits)) return false;
                    value = AnyValue.Of(bits != 0);
                    break;
                case 0x18:
                    if (!reader.TryVarint(out bits)) return false;
                    value = AnyValue.Of((long)bits);
                    break;
                case 0x21:
                    if (!reader.TryFixed64(out bits)) return false;
                    value = new AnyValue(Batches.ValueType.Double, bits);
                    break;
                case 0x2a or 0x32:
                    if (!TryNested(ref reader, ref state, bytesMax, isList: tag == 0x32, out value)) return false;
                    break;
                case 0x3a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    value = Texts.TakeBytes(ref state, reader.Slice(offset, length), bytesMax);
                    break;
                default:
                    if (!reader.TrySkip(tag, AnyValueFields)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        return true;
    }

    private static bool TryNested(ref ProtoReader reader, ref DecodeState state, int bytesMax, bool isList, out AnyValue value)
    {
        int start = NestedValue.Begin(ref state, bytesMax);
        bool done = isList ? TryList(ref reader, ref state, 1) : TryArray(ref reader, ref state, 1);
        value = NestedValue.End(ref state, start);
        return done;
    }

    private static bool TryArray(ref ProtoReader reader, ref DecodeState state, int depth)
    {
        if (!reader.TryEnter(out var frame)) return false;
        if (NestedValue.TooDeep(ref state, depth))
        {
            reader.Leave(frame);
            return true;
        }
        state.Arena.Append("["u8);
        for (bool first = true; reader.More;)
        {
            if (!reader.TryTag(out uint tag)) return false;
            if (tag != 0x0a)
            {
                if (!reader.TrySkip(tag, ListFields)) return false;
                continue;
            }
            if (!NestedValue.Next(ref state, ref first, inList: false)) break;
            if (!TryValue(ref reader, ref state, depth)) return false;
        }
        state.Arena.Append("]"u8);
        reader.Leave(frame);
        return true;
    }

    private static bool TryList(ref ProtoReader reader, ref DecodeState state, int depth)
    {
        if (!reader.TryEnter(out var frame)) return false;
        if (NestedValue.TooDeep(ref state, depth))
        {
            reader.Leave(frame);
            return true;
        }
        state.Arena.Append("{"u8);
        for (bool first = true; reader.More;)
        {
            if (!reader.TryTag(out uint tag)) return false;
            if (tag != 0x0a)
            {
                if (!reader.TrySkip(tag, ListFields)) return false;
                continue;
            }
            if (!NestedValue.Next(ref state, ref first, inList: true)) break;
            if (!TryPair(ref reader, ref state, depth)) return false;
        }
        state.Arena.Append("}"u8);
        reader.Leave(frame);
        return true;
    }

    /// <summary>The key must stand before the value in our text but need not on the wire, so it is looked up first.</summary>
    private static bool TryPair(ref ProtoReader reader, ref DecodeState state, int depth)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int keyAt = 0, keyLength = 0, valueAt = -1;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            if (tag == 0x0a)
            {
                if (!reader.TryBytes(out keyAt, out keyLength)) return false;
            }
            else if (tag == 0x12)
            {
                valueAt = reader.Position;
                if (!reader.TryBytes(out _, out _)) return false;
            }
            else if (!reader.TrySkip(tag, KeyValueFields)) return false;
        }
        NestedValue.Key(ref state, reader.Slice(keyAt, keyLength), escaped: false);
        if (valueAt < 0) state.Arena.Append("null"u8);
        else
        {
            reader.Return(valueAt);
            if (!TryValue(ref reader, ref state, depth)) return false;
        }
        reader.Leave(frame);
        return true;
    }

    private static bool TryValue(ref ProtoReader reader, ref DecodeState state, int depth)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int start = state.Arena.Length;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            if (tag is 0x0a or 0x10 or 0x18 or 0x21 or 0x2a or 0x32 or 0x3a) state.Arena.Truncate(start);   // the last of a oneof counts
            int offset, length;
            ulong bits;
            switch (tag)
            {
                case 0x0a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    NestedValue.Quoted(ref state, reader.Slice(offset, length), escaped: false);
                    break;
                case 0x10:
                    if (!reader.TryVarint(out bits)) return false;
                    state.Arena.Append(bits != 0 ? "true"u8 : "false"u8);
                    break;
                case 0x18:
                    if (!reader.TryVarint(out bits)) return false;
                    NestedValue.Number(ref state, (long)bits);
                    break;
                case 0x21:
                    if (!reader.TryFixed64(out bits)) return false;
                    NestedValue.Number(ref state, BitConverter.UInt64BitsToDouble(bits));
                    break;
                case 0x2a:
                    if (!TryArray(ref reader, ref state, depth + 1)) return false;
                    break;
                case 0x32:
                    if (!TryList(ref reader, ref state, depth + 1)) return false;
                    break;
                case 0x3a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    NestedValue.Bytes(ref state, reader.Slice(offset, length));
                    break;
                default:
                    if (!reader.TrySkip(tag, AnyValueFields)) return false;
                    break;
            }
        }
        if (state.Arena.Length == start) state.Arena.Append("null"u8);
        reader.Leave(frame);
        return true;
    }
}
