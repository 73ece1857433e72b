using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>Fields that every kind of data point has, while one is read.</summary>
internal struct PointFields
{
    public ulong Start, Time;
    public uint Flags, DroppedAttributes;
    public AnyValue Value;
    public ulong Count, ZeroCount;
    public double Sum, Min, Max, ZeroThreshold;
    public HistogramParts Parts;
    public int Scale, PositiveOffset, NegativeOffset;
}

/// <summary>Fields of a metric, while it is read.</summary>
internal struct MetricFields
{
    public Text Name, Description, Unit;
    public MetricKind Kind;
    public Temporality Temporality;
    public bool IsMonotonic;
    /// <summary>Points refused so far; they are counted once even when the metric is refused as well.</summary>
    public int Refused;
}

/// <summary>What makes metrics and points acceptable, and the rows they become, in any encoding.</summary>
internal static class MetricRules
{
    public static void AddMetric(MetricBatch batch, in MetricFields metric)
    {
        batch.Resource.Add(batch.Resources.Count);
        batch.Scope.Add(batch.Scopes.Count);
        batch.Name.Add(metric.Name);
        batch.Description.Add(metric.Description);
        batch.Unit.Add(metric.Unit);
        batch.Kind.Add(metric.Kind);
        batch.Temporality.Add(metric.Temporality);
        batch.IsMonotonic.Add(metric.IsMonotonic);
        batch.MetadataEnd.Add(batch.Metadata.Count);
    }

    /// <summary>Adds the point whose attributes, exemplars and buckets were just appended, or says why not.</summary>
    public static bool TryAdd(ref DecodeState state, MetricBatch batch, MetricKind kind, in PointFields point, out Rejection reason)
    {
        reason = Rejection.Items;
        return batch.PointCount < state.Limits.ItemsMax && kind switch
        {
            MetricKind.Histogram => TryAddHistogram(ref state, batch, point, out reason),
            MetricKind.ExponentialHistogram => TryAddExponential(ref state, batch, point, out reason),
            MetricKind.Summary => TryAddSummary(ref state, batch, point, out reason),
            _ => TryAddNumber(batch, point, out reason),
        };
    }

    private static bool TryAddNumber(MetricBatch batch, in PointFields point, out Rejection reason)
    {
        reason = Rejection.Value;
        if (point.Value.Type == Batches.ValueType.Empty && (point.Flags & 1) == 0) return false;
        var numbers = batch.Numbers;
        numbers.Point.Add(batch.Count, point.Start, point.Time, point.Flags, point.DroppedAttributes);
        numbers.Value.Add(point.Value);
        numbers.ExemplarsEnd.Add(numbers.Exemplars.Count);
        return true;
    }

    private static bool TryAddHistogram(ref DecodeState state, MetricBatch batch, in PointFields point, out Rejection reason)
    {
        reason = Rejection.Buckets;
        var histograms = batch.Histograms;
        int last = histograms.Count - 1;
        var counts = histograms.BucketCounts.Span[(last < 0 ? 0 : histograms.BucketCountsEnd[last])..];
        var bounds = histograms.Bounds.Span[(last < 0 ? 0 : histograms.BoundsEnd[last])..];
        bool fit = counts.Length == bounds.Length + 1 || (counts.IsEmpty && bounds.IsEmpty);
        if (!fit || counts.Length > state.Limits.BucketsMax || !Rise(bounds)) return false;

        histograms.Point.Add(batch.Count, point.Start, point.Time, point.Flags, point.DroppedAttributes);
        histograms.Observations.Add(point.Count);
        histograms.Sum.Add(point.Sum);
        histograms.Min.Add(point.Min);
        histograms.Max.Add(point.Max);
        histograms.Parts.Add(point.Parts);
        histograms.BucketCountsEnd.Add(histograms.BucketCounts.Count);
        histograms.BoundsEnd.Add(histograms.Bounds.Count);
        histograms.ExemplarsEnd.Add(histograms.Exemplars.Count);
        return true;
    }

    private static bool Rise(ReadOnlySpan<double> bounds)
    {
        for (int i = 0; i < bounds.Length; i++)
            if (double.IsNaN(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1])) return false;
        return true;
    }

    private static bool TryAddExponential(ref DecodeState state, MetricBatch batch, in PointFields point, out Rejection reason)
    {
        reason = Rejection.Buckets;
        var exponentials = batch.Exponentials;
        int last = exponentials.Count - 1;
        int positive = exponentials.PositiveCounts.Count - (last < 0 ? 0 : exponentials.PositiveCountsEnd[last]);
        int negative = exponentials.NegativeCounts.Count - (last < 0 ? 0 : exponentials.NegativeCountsEnd[last]);
        if (positive > state.Limits.BucketsMax || negative > state.Limits.BucketsMax) return false;
        if ((long)point.PositiveOffset + positive > int.MaxValue || (long)point.NegativeOffset + negative > int.MaxValue) return false;

        exponentials.Point.Add(batch.Count, point.Start, point.Time, point.Flags, point.DroppedAttributes);
        exponentials.Observations.Add(point.Count);
        exponentials.Sum.Add(point.Sum);
        exponentials.Min.Add(point.Min);
        exponentials.Max.Add(point.Max);
        exponentials.Parts.Add(point.Parts);
        exponentials.Scale.Add(point.Scale);
        exponentials.ZeroCount.Add(point.ZeroCount);
        exponentials.ZeroThreshold.Add(point.ZeroThreshold);
        exponentials.PositiveOffset.Add(point.PositiveOffset);
        exponentials.PositiveCountsEnd.Add(exponentials.PositiveCounts.Count);
        exponentials.NegativeOffset.Add(point.NegativeOffset);
        exponentials.NegativeCountsEnd.Add(exponentials.NegativeCounts.Count);
        exponentials.ExemplarsEnd.Add(exponentials.Exemplars.Count);
        return true;
    }

    private static bool TryAddSummary(ref DecodeState state, MetricBatch batch, in PointFields point, out Rejection reason)
    {
        reason = Rejection.Buckets;
        var summaries = batch.Summaries;
        int last = summaries.Count - 1;
        if (summaries.Quantile.Count - (last < 0 ? 0 : summaries.QuantilesEnd[last]) > state.Limits.BucketsMax) return false;

        summaries.Point.Add(batch.Count, point.Start, point.Time, point.Flags, point.DroppedAttributes);
        summaries.Observations.Add(point.Count);
        summaries.Sum.Add(point.Sum);
        summaries.QuantilesEnd.Add(summaries.Quantile.Count);
        return true;
    }

    /// <summary>Adds an exemplar whose attributes were just appended, or counts it as dropped: the point is full, or it has no value.</summary>
    public static void AddExemplar(
        ref DecodeState state, ExemplarColumns exemplars, ulong time, AnyValue value, TraceId traceId, SpanId spanId, int attributesFirst, bool full)
    {
        if (full || value.Type == Batches.ValueType.Empty)
        {
            exemplars.Attributes.Truncate(attributesFirst);
            state.Counts.DroppedExemplars++;
            return;
        }
        exemplars.TimeUnixNano.Add(time);
        exemplars.Value.Add(value);
        exemplars.TraceId.Add(traceId);
        exemplars.SpanId.Add(spanId);
        exemplars.AttributesEnd.Add(exemplars.Attributes.Count);
    }

    /// <summary>Forgets what was appended for a point that has no row yet.</summary>
    public static void DropUnfinishedPoint(MetricBatch batch, MetricKind kind)
    {
        switch (kind)
        {
            case MetricKind.Histogram: batch.Histograms.Truncate(batch.Histograms.Count); break;
            case MetricKind.ExponentialHistogram: batch.Exponentials.Truncate(batch.Exponentials.Count); break;
            case MetricKind.Summary: batch.Summaries.Truncate(batch.Summaries.Count); break;
            default: batch.Numbers.Truncate(batch.Numbers.Count); break;
        }
    }
}
