using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>Points of gauges, sums and summaries, and exemplars, in protobuf.</summary>
/// <remarks>
/// NumberDataPoint { fixed64 start = 2, time = 3; oneof { double as_double = 4; sfixed64 as_int = 6 } repeated Exemplar = 5; repeated KeyValue attributes = 7; uint32 flags = 8 }
/// SummaryDataPoint { fixed64 start = 2, time = 3, count = 4; double sum = 5; repeated { double quantile = 1, value = 2 } = 6; repeated KeyValue attributes = 7; uint32 flags = 8 }
/// Exemplar { fixed64 time = 2; oneof { double as_double = 3; sfixed64 as_int = 6 } bytes span_id = 4, trace_id = 5; repeated KeyValue filtered_attributes = 7 }
/// </remarks>
internal static class ProtoPoints
{
    private const uint NumberFields = 0b1_1111_1100, SummaryFields = 0b1_1111_1100, QuantileFields = 0b110, ExemplarFields = 0b1111_1100;

    public static bool TryNumber(ref ProtoReader reader, ref DecodeState state, NumberPointColumns numbers, ref PointFields point)
    {
        int attributesFirst = numbers.Point.Attributes.Count, exemplarsFirst = numbers.Exemplars.Count;
        ulong bits;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x11:
                    if (!reader.TryFixed64(out point.Start)) return false;
                    break;
                case 0x19:
                    if (!reader.TryFixed64(out point.Time)) return false;
                    break;
                case 0x21 or 0x31:
                    if (!reader.TryFixed64(out bits)) return false;
                    point.Value = new AnyValue(tag == 0x21 ? Batches.ValueType.Double : Batches.ValueType.Int, bits);
                    break;
                case 0x2a:
                    if (!TryExemplar(ref reader, ref state, numbers.Exemplars, exemplarsFirst)) return false;
                    break;
                case 0x3a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, numbers.Point.Attributes, attributesFirst, state.AttributesMax, ref point.DroppedAttributes)) return false;
                    break;
                case 0x40:
                    if (!reader.TryVarint(out bits)) return false;
                    point.Flags = (uint)bits;
                    break;
                default:
                    if (!reader.TrySkip(tag, NumberFields)) return false;
                    break;
            }
        }
        return true;
    }

    public static bool TrySummary(ref ProtoReader reader, ref DecodeState state, SummaryPointColumns summaries, ref PointFields point)
    {
        int attributesFirst = summaries.Point.Attributes.Count;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            ulong bits;
            switch (tag)
            {
                case 0x11:
                    if (!reader.TryFixed64(out point.Start)) return false;
                    break;
                case 0x19:
                    if (!reader.TryFixed64(out point.Time)) return false;
                    break;
                case 0x21:
                    if (!reader.TryFixed64(out point.Count)) return false;
                    break;
                case 0x29:
                    if (!TryDouble(ref reader, out point.Sum)) return false;
                    break;
                case 0x32:
                    if (!TryQuantile(ref reader, summaries)) return false;
                    break;
                case 0x3a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, summaries.Point.Attributes, attributesFirst, state.AttributesMax, ref point.DroppedAttributes)) return false;
                    break;
                case 0x40:
                    if (!reader.TryVarint(out bits)) return false;
                    point.Flags = (uint)bits;
                    break;
                default:
                    if (!reader.TrySkip(tag, SummaryFields)) return false;
                    break;
            }
        }
        return true;
    }

    private static bool TryQuantile(ref ProtoReader reader, SummaryPointColumns summaries)
    {
        if (!reader.TryEnter(out var frame)) return false;
        double quantile = 0, value = 0;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            if (!(tag switch
            {
                0x09 => TryDouble(ref reader, out quantile),
                0x11 => TryDouble(ref reader, out value),
                _ => reader.TrySkip(tag, QuantileFields),
            })) return false;
        }
        summaries.Quantile.Add(quantile);
        summaries.QuantileValue.Add(value);
        reader.Leave(frame);
        return true;
    }

    public static bool TryExemplar(ref ProtoReader reader, ref DecodeState state, ExemplarColumns exemplars, int first)
    {
        if (!reader.TryEnter(out var frame)) return false;
        ulong time = 0, bits;
        AnyValue value = default;
        TraceId traceId = default;
        SpanId spanId = default;
        uint dropped = 0;
        int attributesFirst = exemplars.Attributes.Count, offset, length;
        bool full = exemplars.Count - first >= state.Limits.ExemplarsMax;
        while (!full && reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x11:
                    if (!reader.TryFixed64(out time)) return false;
                    break;
                case 0x19 or 0x31:
                    if (!reader.TryFixed64(out bits)) return false;
                    value = new AnyValue(tag == 0x19 ? Batches.ValueType.Double : Batches.ValueType.Int, bits);
                    break;
                case 0x22:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    spanId = OptionalIds.Span(ref state, reader.Slice(offset, length));
                    break;
                case 0x2a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    traceId = OptionalIds.Trace(ref state, reader.Slice(offset, length));
                    break;
                case 0x3a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, exemplars.Attributes, attributesFirst, state.AttributesMax, ref dropped)) return false;
                    break;
                default:
                    if (!reader.TrySkip(tag, ExemplarFields)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        MetricRules.AddExemplar(ref state, exemplars, time, value, traceId, spanId, attributesFirst, full);
        return true;
    }

    public static bool TryDouble(ref ProtoReader reader, out double value)
    {
        bool read = reader.TryFixed64(out ulong bits);
        value = BitConverter.UInt64BitsToDouble(bits);
        return read;
    }
}
