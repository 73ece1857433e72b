using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>Points of both kinds of histogram in protobuf. Repeated numbers come packed or one by one.</summary>
/// <remarks>
/// HistogramDataPoint { fixed64 start = 2, time = 3, count = 4; optional double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
///   repeated Exemplar = 8; repeated KeyValue attributes = 9; uint32 flags = 10; optional double min = 11, max = 12 }
/// ExponentialHistogramDataPoint { repeated KeyValue attributes = 1; fixed64 start = 2, time = 3, count = 4; optional double sum = 5; sint32 scale = 6;
///   fixed64 zero_count = 7; Buckets positive = 8, negative = 9; uint32 flags = 10; repeated Exemplar = 11; optional double min = 12, max = 13; double zero_threshold = 14 }
/// Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2 }
/// </remarks>
internal static class ProtoHistograms
{
    private const uint HistogramFields = 0x1FFC, ExponentialFields = 0x7FFE, BucketsFields = 0b110;

    public static bool TryHistogram(ref ProtoReader reader, ref DecodeState state, HistogramPointColumns histograms, ref PointFields point)
    {
        int attributesFirst = histograms.Point.Attributes.Count, exemplarsFirst = histograms.Exemplars.Count;
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
                case 0x21:
                    if (!reader.TryFixed64(out point.Count)) return false;
                    break;
                case 0x29:
                    if (!ProtoPoints.TryDouble(ref reader, out point.Sum)) return false;
                    point.Parts |= HistogramParts.Sum;
                    break;
                case 0x31:
                    if (!reader.TryFixed64(out bits)) return false;
                    histograms.BucketCounts.Add(bits);
                    break;
                case 0x32:
                    if (!TryPacked(ref reader, out ProtoFrame counts)) return false;
                    while (reader.More && reader.TryFixed64(out bits)) histograms.BucketCounts.Add(bits);
                    reader.Leave(counts);
                    break;
                case 0x39:
                    if (!reader.TryFixed64(out bits)) return false;
                    histograms.Bounds.Add(BitConverter.UInt64BitsToDouble(bits));
                    break;
                case 0x3a:
                    if (!TryPacked(ref reader, out ProtoFrame bounds)) return false;
                    while (reader.More && reader.TryFixed64(out bits)) histograms.Bounds.Add(BitConverter.UInt64BitsToDouble(bits));
                    reader.Leave(bounds);
                    break;
                case 0x42:
                    if (!ProtoPoints.TryExemplar(ref reader, ref state, histograms.Exemplars, exemplarsFirst)) return false;
                    break;
                case 0x4a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, histograms.Point.Attributes, attributesFirst, state.AttributesMax, ref point.DroppedAttributes)) return false;
                    break;
                case 0x50:
                    if (!reader.TryVarint(out bits)) return false;
                    point.Flags = (uint)bits;
                    break;
                case 0x59:
                    if (!ProtoPoints.TryDouble(ref reader, out point.Min)) return false;
                    point.Parts |= HistogramParts.Min;
                    break;
                case 0x61:
                    if (!ProtoPoints.TryDouble(ref reader, out point.Max)) return false;
                    point.Parts |= HistogramParts.Max;
                    break;
                default:
                    if (!reader.TrySkip(tag, HistogramFields)) return false;
                    break;
            }
        }
        return true;
    }

    /// <summary>Enters packed eight-byte numbers; their length must be a multiple of eight.</summary>
    private static bool TryPacked(ref ProtoReader reader, out ProtoFrame frame) =>
        reader.TryEnter(out frame) && ((frame.End - frame.Start) % 8 == 0 || reader.Fail(DecodeFault.Truncated, frame.Start));

    public static bool TryExponential(ref ProtoReader reader, ref DecodeState state, ExponentialPointColumns exponentials, ref PointFields point)
    {
        int attributesFirst = exponentials.Point.Attributes.Count, exemplarsFirst = exponentials.Exemplars.Count;
        ulong bits;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x0a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, exponentials.Point.Attributes, attributesFirst, state.AttributesMax, ref point.DroppedAttributes)) return false;
                    break;
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
                    if (!ProtoPoints.TryDouble(ref reader, out point.Sum)) return false;
                    point.Parts |= HistogramParts.Sum;
                    break;
                case 0x30:
                    if (!reader.TryVarint(out bits)) return false;
                    point.Scale = ZigZag(bits);
                    break;
                case 0x39:
                    if (!reader.TryFixed64(out point.ZeroCount)) return false;
                    break;
                case 0x42:
                    if (!TryBuckets(ref reader, exponentials.PositiveCounts, ref point.PositiveOffset)) return false;
                    break;
                case 0x4a:
                    if (!TryBuckets(ref reader, exponentials.NegativeCounts, ref point.NegativeOffset)) return false;
                    break;
                case 0x50:
                    if (!reader.TryVarint(out bits)) return false;
                    point.Flags = (uint)bits;
                    break;
                case 0x5a:
                    if (!ProtoPoints.TryExemplar(ref reader, ref state, exponentials.Exemplars, exemplarsFirst)) return false;
                    break;
                case 0x61:
                    if (!ProtoPoints.TryDouble(ref reader, out point.Min)) return false;
                    point.Parts |= HistogramParts.Min;
                    break;
                case 0x69:
                    if (!ProtoPoints.TryDouble(ref reader, out point.Max)) return false;
                    point.Parts |= HistogramParts.Max;
                    break;
                case 0x71:
                    if (!ProtoPoints.TryDouble(ref reader, out point.ZeroThreshold)) return false;
                    break;
                default:
                    if (!reader.TrySkip(tag, ExponentialFields)) return false;
                    break;
            }
        }
        return true;
    }

    private static bool TryBuckets(ref ProtoReader reader, Column<ulong> counts, ref int bucketOffset)
    {
        if (!reader.TryEnter(out var frame)) return false;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            ulong bits;
            switch (tag)
            {
                case 0x08:
                    if (!reader.TryVarint(out bits)) return false;
                    bucketOffset = ZigZag(bits);
                    break;
                case 0x10:
                    if (!reader.TryVarint(out bits)) return false;
                    counts.Add(bits);
                    break;
                case 0x12:
                    if (!reader.TryEnter(out var packed)) return false;
                    while (reader.More)
                    {
                        if (!reader.TryVarint(out bits)) return false;
                        counts.Add(bits);
                    }
                    reader.Leave(packed);
                    break;
                default:
                    if (!reader.TrySkip(tag, BucketsFields)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        return true;
    }

    // sint32: 0, -1, 1, -2 ... as 0, 1, 2, 3 ...
    private static int ZigZag(ulong bits) => (int)((uint)bits >> 1) ^ -(int)((uint)bits & 1);
}
