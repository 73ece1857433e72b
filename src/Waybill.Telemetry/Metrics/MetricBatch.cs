using Waybill.Batches;

namespace Waybill.Metrics;

/// <summary>What a metric's points are: the number of its field in OTLP's Metric, as stored.</summary>
public enum MetricKind : byte { Unspecified = 0, Gauge = 5, Sum = 7, Histogram = 9, ExponentialHistogram = 10, Summary = 11 }

/// <summary>Numbers of OTLP's AggregationTemporality, as stored.</summary>
public enum Temporality : byte { Unspecified, Delta, Cumulative }

/// <summary>
/// The metrics of one request as columns: row i of every column is metric i, and each kind of point has columns of its own that name their
/// metric by row. There is no object per metric or point; a batch is cleared and reused.
/// </summary>
public sealed class MetricBatch
{
    public TextArena Text { get; } = new();
    public ResourceColumns Resources { get; } = new();
    public ScopeColumns Scopes { get; } = new();

    public Column<int> Resource { get; } = new();
    public Column<int> Scope { get; } = new();
    public Column<Text> Name { get; } = new();
    public Column<Text> Description { get; } = new();
    /// <summary>UCUM, such as <c>ms</c> or <c>By</c>; empty when the sender gave none.</summary>
    public Column<Text> Unit { get; } = new();
    public Column<MetricKind> Kind { get; } = new();
    /// <summary>Unspecified for gauges and summaries, which have none.</summary>
    public Column<Temporality> Temporality { get; } = new();
    /// <summary>True only for sums that never fall.</summary>
    public Column<bool> IsMonotonic { get; } = new();
    public AttributeColumns Metadata { get; } = new();
    public Column<int> MetadataEnd { get; } = new();

    /// <summary>Points of gauges and sums.</summary>
    public NumberPointColumns Numbers { get; } = new();
    public HistogramPointColumns Histograms { get; } = new();
    public ExponentialPointColumns Exponentials { get; } = new();
    public SummaryPointColumns Summaries { get; } = new();

    /// <summary>Metrics held.</summary>
    public int Count => Name.Count;

    /// <summary>Points held, of all kinds.</summary>
    public int PointCount => Numbers.Count + Histograms.Count + Exponentials.Count + Summaries.Count;

    public Range MetadataOf(int metric) => (metric == 0 ? 0 : MetadataEnd[metric - 1])..MetadataEnd[metric];

    /// <summary>Forgets what was added for a metric that has no row yet, its points included.</summary>
    /// <param name="textLength">Length of <see cref="Text"/> before the metric's own texts were appended.</param>
    public void DropUnfinished(int textLength)
    {
        DropPoints();
        Metadata.Truncate(Count == 0 ? 0 : MetadataEnd[Count - 1]);
        Text.Truncate(textLength);
    }

    /// <summary>Forgets the points of a metric that has no row yet.</summary>
    public void DropPoints()
    {
        Numbers.Truncate(Numbers.Point.CountBelow(Count));
        Histograms.Truncate(Histograms.Point.CountBelow(Count));
        Exponentials.Truncate(Exponentials.Point.CountBelow(Count));
        Summaries.Truncate(Summaries.Point.CountBelow(Count));
    }

    public void Clear()
    {
        Text.Clear();
        Resources.Clear();
        Scopes.Clear();
        Resource.Clear();
        Scope.Clear();
        Name.Clear();
        Description.Clear();
        Unit.Clear();
        Kind.Clear();
        Temporality.Clear();
        IsMonotonic.Clear();
        Metadata.Clear();
        MetadataEnd.Clear();
        Numbers.Truncate(0);
        Histograms.Truncate(0);
        Exponentials.Truncate(0);
        Summaries.Truncate(0);
    }
}
