using Waybill.Batches;

namespace Waybill.Metrics;

/// <summary>Which optional numbers a histogram's point has; an absent one is stored as 0.</summary>
[Flags]
public enum HistogramParts : byte { None = 0, Sum = 1, Min = 2, Max = 4 }

/// <summary>Points of histograms with explicit bounds: row i of every column is point i.</summary>
public sealed class HistogramPointColumns
{
    public PointColumns Point { get; } = new();
    /// <summary>How many values were observed (OTLP's count).</summary>
    public Column<ulong> Observations { get; } = new();
    public Column<double> Sum { get; } = new();
    public Column<double> Min { get; } = new();
    public Column<double> Max { get; } = new();
    public Column<HistogramParts> Parts { get; } = new();
    /// <summary>Bucket i counts values in (bounds[i-1], bounds[i]]; one more than bounds, or neither.</summary>
    public Column<ulong> BucketCounts { get; } = new();
    public Column<int> BucketCountsEnd { get; } = new();
    /// <summary>Upper bounds of all buckets but the last, in rising order.</summary>
    public Column<double> Bounds { get; } = new();
    public Column<int> BoundsEnd { get; } = new();
    public ExemplarColumns Exemplars { get; } = new();
    public Column<int> ExemplarsEnd { get; } = new();

    public int Count => Point.Count;

    public Range BucketCountsOf(int point) => (point == 0 ? 0 : BucketCountsEnd[point - 1])..BucketCountsEnd[point];
    public Range BoundsOf(int point) => (point == 0 ? 0 : BoundsEnd[point - 1])..BoundsEnd[point];
    public Range ExemplarsOf(int point) => (point == 0 ? 0 : ExemplarsEnd[point - 1])..ExemplarsEnd[point];

    public void Truncate(int count)
    {
        Point.Truncate(count);
        Observations.Truncate(count);
        Sum.Truncate(count);
        Min.Truncate(count);
        Max.Truncate(count);
        Parts.Truncate(count);
        BucketCountsEnd.Truncate(count);
        BucketCounts.Truncate(count == 0 ? 0 : BucketCountsEnd[count - 1]);
        BoundsEnd.Truncate(count);
        Bounds.Truncate(count == 0 ? 0 : BoundsEnd[count - 1]);
        ExemplarsEnd.Truncate(count);
        Exemplars.Truncate(count == 0 ? 0 : ExemplarsEnd[count - 1]);
    }
}
