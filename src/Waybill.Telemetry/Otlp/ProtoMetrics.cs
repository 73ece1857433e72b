using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>Metrics in protobuf.</summary>
/// <remarks>
/// Metric { string name = 1, description = 2, unit = 3; oneof { Gauge = 5; Sum = 7; Histogram = 9; ExponentialHistogram = 10; Summary = 11 }
///   repeated KeyValue metadata = 12 }
/// Gauge, Summary { repeated point data_points = 1 }   others { data_points = 1; AggregationTemporality = 2; Sum: bool is_monotonic = 3 }
/// </remarks>
internal static class ProtoMetrics
{
    public static readonly ReadProtoItem<MetricBatch> Read = TryRead;

    private const uint MetricFieldNumbers = 0b1_1110_1010_1110, DataFields = 0b1110;

    private static bool TryRead(ref ProtoReader reader, ref DecodeState state, MetricBatch batch)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int textLength = state.Arena.Length, points = batch.PointCount;
        var before = state.Counts;
        var metric = new MetricFields();
        if (TryFields(ref reader, ref state, batch, ref metric, out Rejection reason))
        {
            MetricRules.AddMetric(batch, metric);
            state.Rows++;
            reader.Leave(frame);
            return true;
        }
        // Points already refused are counted; the rest of what could be read goes with the metric, at least one.
        int lost = Math.Max(batch.PointCount - points, metric.Refused > 0 && reason == Rejection.Metric ? 0 : 1);
        state.Counts = before;
        batch.DropUnfinished(textLength);
        if (lost > 0) state.Rejected.Add(reason, reason == Rejection.Malformed ? reader.FaultAt : frame.Start, lost);
        reader.Abandon(frame);
        return true;
    }

    private static bool TryFields(ref ProtoReader reader, ref DecodeState state, MetricBatch batch, ref MetricFields metric, out Rejection reason)
    {
        uint droppedMetadata = 0;
        int metadataFirst = batch.Metadata.Count, offset, length;
        reason = Rejection.Malformed;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x0a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    metric.Name = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x12:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    metric.Description = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x1a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    metric.Unit = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x2a or 0x3a or 0x4a or 0x52 or 0x5a:
                    if (!TryData(ref reader, ref state, batch, (MetricKind)(tag >> 3), ref metric)) return false;
                    break;
                case 0x62:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, batch.Metadata, metadataFirst, state.Limits.OriginAttributesMax, ref droppedMetadata)) return false;
                    break;
                default:
                    if (!reader.TrySkip(tag, MetricFieldNumbers)) return false;
                    break;
            }
        }
        reason = Rejection.Metric;
        return !metric.Name.IsEmpty && metric.Kind != MetricKind.Unspecified;
    }

    private static bool TryData(ref ProtoReader reader, ref DecodeState state, MetricBatch batch, MetricKind kind, ref MetricFields metric)
    {
        if (!reader.TryEnter(out var frame)) return false;
        if (metric.Kind != kind && metric.Kind != MetricKind.Unspecified)
        {
            // The last of a oneof counts.
            batch.DropPoints();
            metric.Temporality = Temporality.Unspecified;
            metric.IsMonotonic = false;
        }
        metric.Kind = kind;
        bool hasTemporality = kind is not (MetricKind.Gauge or MetricKind.Summary);
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            ulong bits;
            switch (tag)
            {
                case 0x0a:
                    if (!TryPoint(ref reader, ref state, batch, kind, ref metric)) return false;
                    break;
                case 0x10 when hasTemporality:
                    if (!reader.TryVarint(out bits)) return false;
                    metric.Temporality = (Temporality)state.KnownEnum(bits, (int)Temporality.Cumulative);
                    break;
                case 0x18 when kind == MetricKind.Sum:
                    if (!reader.TryVarint(out bits)) return false;
                    metric.IsMonotonic = bits != 0;
                    break;
                default:
                    if (!reader.TrySkip(tag, kind == MetricKind.Sum ? DataFields : hasTemporality ? DataFields & 0b110 : 0b10)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        return true;
    }

    private static bool TryPoint(ref ProtoReader reader, ref DecodeState state, MetricBatch batch, MetricKind kind, ref MetricFields metric)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int textLength = state.Arena.Length;
        var before = state.Counts;
        var point = new PointFields();
        Rejection reason = Rejection.Malformed;
        bool read = kind switch
        {
            MetricKind.Histogram => ProtoHistograms.TryHistogram(ref reader, ref state, batch.Histograms, ref point),
            MetricKind.ExponentialHistogram => ProtoHistograms.TryExponential(ref reader, ref state, batch.Exponentials, ref point),
            MetricKind.Summary => ProtoPoints.TrySummary(ref reader, ref state, batch.Summaries, ref point),
            _ => ProtoPoints.TryNumber(ref reader, ref state, batch.Numbers, ref point),
        };
        if (read && MetricRules.TryAdd(ref state, batch, kind, point, out reason))
        {
            reader.Leave(frame);
            return true;
        }
        state.Counts = before;
        MetricRules.DropUnfinishedPoint(batch, kind);
        state.Arena.Truncate(textLength);
        metric.Refused++;
        state.Rejected.Add(reason, reason == Rejection.Malformed ? reader.FaultAt : frame.Start, 1);
        reader.Abandon(frame);
        return true;
    }
}
