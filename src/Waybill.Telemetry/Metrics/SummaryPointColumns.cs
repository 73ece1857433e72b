using Waybill.Batches;

namespace Waybill.Metrics;

/// <summary>Points of summaries (quantiles computed by the sender): row i of every column is point i.</summary>
public sealed class SummaryPointColumns
{
    public PointColumns Point { get; } = new();
    /// <summary>How many values were observed (OTLP's count).</summary>
    public Column<ulong> Observations { get; } = new();
    public Column<double> Sum { get; } = new();
    /// <summary>From 0 (the minimum) to 1 (the maximum).</summary>
    public Column<double> Quantile { get; } = new();
    public Column<double> QuantileValue { get; } = new();
    public Column<int> QuantilesEnd { get; } = new();

    public int Count => Point.Count;

    public Range QuantilesOf(int point) => (point == 0 ? 0 : QuantilesEnd[point - 1])..QuantilesEnd[point];

    public void Truncate(int count)
    {
        Point.Truncate(count);
        Observations.Truncate(count);
        Sum.Truncate(count);
        QuantilesEnd.Truncate(count);
        Quantile.Truncate(count == 0 ? 0 : QuantilesEnd[count - 1]);
        QuantileValue.Truncate(count == 0 ? 0 : QuantilesEnd[count - 1]);
    }
}
