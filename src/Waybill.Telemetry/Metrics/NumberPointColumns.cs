using Waybill.Batches;

namespace Waybill.Metrics;

/// <summary>Points of gauges and sums: row i of every column is point i.</summary>
public sealed class NumberPointColumns
{
    public PointColumns Point { get; } = new();
    /// <summary>An Int or a Double, exact; Empty when the point is flagged NO_RECORDED_VALUE.</summary>
    public Column<AnyValue> Value { get; } = new();
    public ExemplarColumns Exemplars { get; } = new();
    public Column<int> ExemplarsEnd { get; } = new();

    public int Count => Point.Count;

    public Range ExemplarsOf(int point) => (point == 0 ? 0 : ExemplarsEnd[point - 1])..ExemplarsEnd[point];

    public void Truncate(int count)
    {
        Point.Truncate(count);
        Value.Truncate(count);
        ExemplarsEnd.Truncate(count);
        Exemplars.Truncate(count == 0 ? 0 : ExemplarsEnd[count - 1]);
    }
}
