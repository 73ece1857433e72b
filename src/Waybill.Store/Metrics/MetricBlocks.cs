using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Origins;

namespace Waybill.Metrics;

/// <summary>
/// Turns a <see cref="MetricBatch"/> into Native blocks: number points, distributions, exemplars and the series they belong to. Reused; one a thread.
/// Call <see cref="Identify"/> first: it names every point's series.
/// </summary>
public sealed class MetricBlocks
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        Metric = BlockFormat.ColumnHeader("metric", "LowCardinality(String)"),
        SeriesId = BlockFormat.ColumnHeader("series_id", "UInt64"),
        Time = BlockFormat.ColumnHeader("time", "DateTime64(9, 'UTC')"),
        Start = BlockFormat.ColumnHeader("start", "DateTime64(9, 'UTC')"),
        Value = BlockFormat.ColumnHeader("value", "Float64"),
        IntValue = BlockFormat.ColumnHeader("int_value", "Int64"),
        ValueType = BlockFormat.ColumnHeader("value_type", "UInt8"),
        Flags = BlockFormat.ColumnHeader("flags", "UInt32"),
        Weight = BlockFormat.ColumnHeader("weight", "Float64"),
        Received = BlockFormat.ColumnHeader("received", "DateTime('UTC')");

    private readonly LowCardinality _dictionary = new();

    public SeriesColumns Series { get; } = new();

    public void Identify(MetricBatch batch, OriginIdentities origins) => Series.Identify(batch, origins);

    /// <summary>Writes rows of <see cref="MetricBatch.Numbers"/> for <c>metric_points</c>.</summary>
    public void WriteNumbers(ByteBuffer to, ReadOnlySpan<byte> tenant, MetricBatch batch, ReadOnlySpan<int> rows, uint receivedUnixSeconds)
    {
        NumberPointColumns numbers = batch.Numbers;
        to.WriteBlockHeader(11, rows.Length);
        to.Write(Tenant);
        WriteConstant(to, tenant, rows.Length);
        to.Write(Metric);
        _dictionary.Clear();
        foreach (int row in rows) _dictionary.Add(batch.Text[batch.Name[numbers.Point.Metric[row]]]);
        WriteDictionary(to);
        to.Write(SeriesId);
        to.WriteRows(Series.Numbers, rows);
        to.Write(Time);
        to.WriteRows(numbers.Point.TimeUnixNano.Span, rows);
        to.Write(Start);
        to.WriteRows(numbers.Point.StartUnixNano.Span, rows);
        to.Write(Value);
        foreach (int row in rows) to.WriteUInt64(BitConverter.DoubleToUInt64Bits(AsDouble(numbers.Value[row])));
        to.Write(IntValue);
        foreach (int row in rows) to.WriteUInt64(AsInt(numbers.Value[row]));
        to.Write(ValueType);
        foreach (int row in rows) to.WriteByte(numbers.Value[row].TypeCode);
        to.Write(Flags);
        to.WriteRows(numbers.Point.Flags.Span, rows);
        WriteArrival(to, rows.Length, receivedUnixSeconds);
    }

    /// <summary>Weight and time of receipt, which close every block of points.</summary>
    internal static void WriteArrival(ByteBuffer to, int rows, uint receivedUnixSeconds)
    {
        to.Write(Weight);
        for (int i = 0; i < rows; i++) to.WriteUInt64(BitConverter.DoubleToUInt64Bits(1));
        to.Write(Received);
        for (int i = 0; i < rows; i++) to.WriteValues<uint>([receivedUnixSeconds]);
    }

    internal static double AsDouble(AnyValue value) => value.Type == Batches.ValueType.Int ? value.Int : value.Type == Batches.ValueType.Double ? value.Double : 0;

    internal static ulong AsInt(AnyValue value) => value.Type == Batches.ValueType.Int ? value.Bits : 0;

    private void WriteConstant(ByteBuffer to, ReadOnlySpan<byte> value, int rows)
    {
        _dictionary.Clear();
        int index = _dictionary.Intern(value);
        for (int i = 0; i < rows; i++) _dictionary.Add(index);
        WriteDictionary(to);
    }

    private void WriteDictionary(ByteBuffer to)
    {
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
    }
}
