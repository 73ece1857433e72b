using Waybill.Batches;

namespace Waybill.Metrics;

/// <summary>
/// Points of exponential histograms: row i of every column is point i. With base = 2^(2^-scale), bucket k of a side counts absolute values
/// in (base^(offset+k), base^(offset+k+1)].
/// </summary>
public sealed class ExponentialPointColumns
{
    public PointColumns Point { get; } = new();
    /// <summary>How many values were observed (OTLP's count).</summary>
    public Column<ulong> Observations { get; } = new();
    public Column<double> Sum { get; } = new();
    public Column<double> Min { get; } = new();
    public Column<double> Max { get; } = new();
    public Column<HistogramParts> Parts { get; } = new();
    public Column<int> Scale { get; } = new();
    /// <summary>Values no farther from zero than <see cref="ZeroThreshold"/>.</summary>
    public Column<ulong> ZeroCount { get; } = new();
    public Column<double> ZeroThreshold { get; } = new();
    public Column<int> PositiveOffset { get; } = new();
    public Column<ulong> PositiveCounts { get; } = new();
    public Column<int> PositiveCountsEnd { get; } = new();
    public Column<int> NegativeOffset { get; } = new();
    public Column<ulong> NegativeCounts { get; } = new();
    public Column<int> NegativeCountsEnd { get; } = new();
    public ExemplarColumns Exemplars { get; } = new();
    public Column<int> ExemplarsEnd { get; } = new();

    public int Count => Point.Count;

    public Range PositiveCountsOf(int point) => (point == 0 ? 0 : PositiveCountsEnd[point - 1])..PositiveCountsEnd[point];
    public Range NegativeCountsOf(int point) => (point == 0 ? 0 : NegativeCountsEnd[point - 1])..NegativeCountsEnd[point];
    public Range ExemplarsOf(int point) => (point == 0 ? 0 : ExemplarsEnd[point - 1])..ExemplarsEnd[point];

    public void Truncate(int count)
    {
        Point.Truncate(count);
        Observations.Truncate(count);
        Sum.Truncate(count);
        Min.Truncate(count);
        Max.Truncate(count);
        Parts.Truncate(count);
        Scale.Truncate(count);
        ZeroCount.Truncate(count);
        ZeroThreshold.Truncate(count);
        PositiveOffset.Truncate(count);
        PositiveCountsEnd.Truncate(count);
        PositiveCounts.Truncate(count == 0 ? 0 : PositiveCountsEnd[count - 1]);
        NegativeOffset.Truncate(count);
        NegativeCountsEnd.Truncate(count);
        NegativeCounts.Truncate(count == 0 ? 0 : NegativeCountsEnd[count - 1]);
        ExemplarsEnd.Truncate(count);
        Exemplars.Truncate(count == 0 ? 0 : ExemplarsEnd[count - 1]);
    }
}
