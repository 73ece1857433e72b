using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Metrics;

/// <summary>Points of the three kinds that are stored as distributions, by row.</summary>
public readonly ref struct DistributionRows(ReadOnlySpan<int> histograms, ReadOnlySpan<int> exponentials, ReadOnlySpan<int> summaries)
{
    public ReadOnlySpan<int> Histograms { get; } = histograms;
    public ReadOnlySpan<int> Exponentials { get; } = exponentials;
    public ReadOnlySpan<int> Summaries { get; } = summaries;
    public int Count => Histograms.Length + Exponentials.Length + Summaries.Length;
}

/// <summary>Writes histograms, exponential histograms and summaries, in this order, as one block for <c>metric_distributions</c>. Reused; one a thread.</summary>
public sealed class DistributionBlocks
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        Metric = BlockFormat.ColumnHeader("metric", "LowCardinality(String)"),
        SeriesId = BlockFormat.ColumnHeader("series_id", "UInt64"),
        Time = BlockFormat.ColumnHeader("time", "DateTime64(9, 'UTC')"),
        Start = BlockFormat.ColumnHeader("start", "DateTime64(9, 'UTC')"),
        Count = BlockFormat.ColumnHeader("count", "UInt64"),
        Sum = BlockFormat.ColumnHeader("sum", "Float64"),
        Min = BlockFormat.ColumnHeader("min", "Float64"),
        Max = BlockFormat.ColumnHeader("max", "Float64"),
        Present = BlockFormat.ColumnHeader("present", "UInt8"),
        Bounds = BlockFormat.ColumnHeader("bounds", "Array(Float64)"),
        Counts = BlockFormat.ColumnHeader("counts", "Array(UInt64)"),
        QuantileValues = BlockFormat.ColumnHeader("quantile_values", "Array(Float64)"),
        Scale = BlockFormat.ColumnHeader("scale", "Int32"),
        ZeroCount = BlockFormat.ColumnHeader("zero_count", "UInt64"),
        ZeroThreshold = BlockFormat.ColumnHeader("zero_threshold", "Float64"),
        PositiveOffset = BlockFormat.ColumnHeader("positive_offset", "Int32"),
        NegativeOffset = BlockFormat.ColumnHeader("negative_offset", "Int32"),
        NegativeCounts = BlockFormat.ColumnHeader("negative_counts", "Array(UInt64)"),
        Flags = BlockFormat.ColumnHeader("flags", "UInt32");

    private const int ColumnCount = 22;

    private readonly LowCardinality _dictionary = new();

    public void Write(ByteBuffer to, ReadOnlySpan<byte> tenant, MetricBatch batch, SeriesColumns series, DistributionRows rows, uint receivedUnixSeconds)
    {
        HistogramPointColumns histograms = batch.Histograms;
        ExponentialPointColumns exponentials = batch.Exponentials;
        SummaryPointColumns summaries = batch.Summaries;

        to.WriteBlockHeader(ColumnCount, rows.Count);
        to.Write(Tenant);
        _dictionary.Clear();
        for (int i = 0; i < rows.Count; i++) _dictionary.Add(tenant);
        WriteDictionary(to);
        to.Write(Metric);
        _dictionary.Clear();
        AddNames(batch, histograms.Point, rows.Histograms);
        AddNames(batch, exponentials.Point, rows.Exponentials);
        AddNames(batch, summaries.Point, rows.Summaries);
        WriteDictionary(to);
        to.Write(SeriesId);
        WriteAll(to, rows, series.Histograms, series.Exponentials, series.Summaries);
        to.Write(Time);
        WriteAll(to, rows, histograms.Point.TimeUnixNano.Span, exponentials.Point.TimeUnixNano.Span, summaries.Point.TimeUnixNano.Span);
        to.Write(Start);
        WriteAll(to, rows, histograms.Point.StartUnixNano.Span, exponentials.Point.StartUnixNano.Span, summaries.Point.StartUnixNano.Span);
        to.Write(Count);
        WriteAll(to, rows, histograms.Observations.Span, exponentials.Observations.Span, summaries.Observations.Span);
        to.Write(Sum);
        WriteAll(to, rows, histograms.Sum.Span, exponentials.Sum.Span, summaries.Sum.Span);
        to.Write(Min);
        WriteTwo(to, rows, histograms.Min.Span, exponentials.Min.Span);
        to.Write(Max);
        WriteTwo(to, rows, histograms.Max.Span, exponentials.Max.Span);
        to.Write(Present);
        foreach (int row in rows.Histograms) to.WriteByte((byte)histograms.Parts[row]);
        foreach (int row in rows.Exponentials) to.WriteByte((byte)exponentials.Parts[row]);
        foreach (int _ in rows.Summaries) to.WriteByte((byte)HistogramParts.Sum);
        to.Write(Bounds);
        WriteArrays(to, rows, histograms.Bounds.Span, histograms.BoundsOf, default, null, summaries.Quantile.Span, summaries.QuantilesOf);
        to.Write(Counts);
        WriteArrays(to, rows, histograms.BucketCounts.Span, histograms.BucketCountsOf, exponentials.PositiveCounts.Span, exponentials.PositiveCountsOf, default, null);
        to.Write(QuantileValues);
        WriteArrays(to, rows, default, null, default, null, summaries.QuantileValue.Span, summaries.QuantilesOf);
        to.Write(Scale);
        WriteMiddle(to, rows, exponentials.Scale.Span);
        to.Write(ZeroCount);
        WriteMiddle(to, rows, exponentials.ZeroCount.Span);
        to.Write(ZeroThreshold);
        WriteMiddle(to, rows, exponentials.ZeroThreshold.Span);
        to.Write(PositiveOffset);
        WriteMiddle(to, rows, exponentials.PositiveOffset.Span);
        to.Write(NegativeOffset);
        WriteMiddle(to, rows, exponentials.NegativeOffset.Span);
        to.Write(NegativeCounts);
        WriteArrays(to, rows, default, null, exponentials.NegativeCounts.Span, exponentials.NegativeCountsOf, default, null);
        to.Write(Flags);
        WriteAll(to, rows, histograms.Point.Flags.Span, exponentials.Point.Flags.Span, summaries.Point.Flags.Span);
        MetricBlocks.WriteArrival(to, rows.Count, receivedUnixSeconds);
    }

    private void AddNames(MetricBatch batch, PointColumns points, ReadOnlySpan<int> rows)
    {
        foreach (int row in rows) _dictionary.Add(batch.Text[batch.Name[points.Metric[row]]]);
    }

    private void WriteDictionary(ByteBuffer to)
    {
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
    }

    private static void WriteAll<T>(ByteBuffer to, DistributionRows rows, ReadOnlySpan<T> histograms, ReadOnlySpan<T> exponentials, ReadOnlySpan<T> summaries) where T : unmanaged
    {
        to.WriteRows(histograms, rows.Histograms);
        to.WriteRows(exponentials, rows.Exponentials);
        to.WriteRows(summaries, rows.Summaries);
    }

    private static void WriteTwo<T>(ByteBuffer to, DistributionRows rows, ReadOnlySpan<T> histograms, ReadOnlySpan<T> exponentials) where T : unmanaged
    {
        to.WriteRows(histograms, rows.Histograms);
        to.WriteRows(exponentials, rows.Exponentials);
        WriteDefaults<T>(to, rows.Summaries.Length);
    }

    /// <summary>A column that only exponential histograms have.</summary>
    private static void WriteMiddle<T>(ByteBuffer to, DistributionRows rows, ReadOnlySpan<T> exponentials) where T : unmanaged
    {
        WriteDefaults<T>(to, rows.Histograms.Length);
        to.WriteRows(exponentials, rows.Exponentials);
        WriteDefaults<T>(to, rows.Summaries.Length);
    }

    private static void WriteDefaults<T>(ByteBuffer to, int rows) where T : unmanaged
    {
        for (int i = 0; i < rows; i++) to.WriteValues<T>([default]);
    }

    /// <summary>An array column; a kind without ranges has empty arrays.</summary>
    private static void WriteArrays<T>(ByteBuffer to, DistributionRows rows,
        ReadOnlySpan<T> histograms, Func<int, Range>? histogramRange, ReadOnlySpan<T> exponentials, Func<int, Range>? exponentialRange, ReadOnlySpan<T> summaries, Func<int, Range>? summaryRange) where T : unmanaged
    {
        ulong end = 0;
        WriteEnds(to, rows.Histograms, histogramRange, ref end);
        WriteEnds(to, rows.Exponentials, exponentialRange, ref end);
        WriteEnds(to, rows.Summaries, summaryRange, ref end);
        WriteElements(to, rows.Histograms, histograms, histogramRange);
        WriteElements(to, rows.Exponentials, exponentials, exponentialRange);
        WriteElements(to, rows.Summaries, summaries, summaryRange);
    }

    private static void WriteEnds(ByteBuffer to, ReadOnlySpan<int> rows, Func<int, Range>? rangeOf, ref ulong end)
    {
        foreach (int row in rows)
        {
            if (rangeOf is not null)
            {
                Range range = rangeOf(row);
                end += (ulong)(range.End.Value - range.Start.Value);
            }
            to.WriteUInt64(end);
        }
    }

    private static void WriteElements<T>(ByteBuffer to, ReadOnlySpan<int> rows, ReadOnlySpan<T> elements, Func<int, Range>? rangeOf) where T : unmanaged
    {
        if (rangeOf is null) return;
        foreach (int row in rows) to.WriteValues(elements[rangeOf(row)]);
    }
}
