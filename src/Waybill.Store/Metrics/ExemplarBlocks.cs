using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Metrics;

/// <summary>Collects the exemplars of chosen points and writes them as a block for <c>metric_exemplars</c>. Reused; one a thread.</summary>
public sealed class ExemplarBlocks
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        Metric = BlockFormat.ColumnHeader("metric", "LowCardinality(String)"),
        SeriesId = BlockFormat.ColumnHeader("series_id", "UInt64"),
        PointTime = BlockFormat.ColumnHeader("point_time", "DateTime64(9, 'UTC')"),
        Time = BlockFormat.ColumnHeader("time", "DateTime64(9, 'UTC')"),
        Value = BlockFormat.ColumnHeader("value", "Float64"),
        IntValue = BlockFormat.ColumnHeader("int_value", "Int64"),
        ValueType = BlockFormat.ColumnHeader("value_type", "UInt8"),
        TraceIdHeader = BlockFormat.ColumnHeader("trace_id", "FixedString(16)"),
        SpanIdHeader = BlockFormat.ColumnHeader("span_id", "FixedString(8)"),
        AttributesHeader = BlockFormat.ColumnHeader("attributes", "Map(LowCardinality(String), String)");

    private readonly LowCardinality _tenant = new(), _metric = new();
    private readonly AttributeMap _attributes = new();
    private readonly Column<ulong> _series = new(), _pointTime = new(), _time = new();
    private readonly Column<AnyValue> _value = new();
    private readonly Column<TraceId> _traceId = new();
    private readonly Column<SpanId> _spanId = new();

    public int Rows => _series.Count;

    public void Clear()
    {
        _tenant.Clear();
        _metric.Clear();
        _attributes.Clear();
        _series.Clear();
        _pointTime.Clear();
        _time.Clear();
        _value.Clear();
        _traceId.Clear();
        _spanId.Clear();
    }

    /// <summary>Adds the exemplars of one point.</summary>
    public void Add(MetricBatch batch, PointColumns points, int point, ulong series, ExemplarColumns exemplars, Range range)
    {
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            _metric.Add(batch.Text[batch.Name[points.Metric[point]]]);
            _series.Add(series);
            _pointTime.Add(points.TimeUnixNano[point]);
            _time.Add(exemplars.TimeUnixNano[i]);
            _value.Add(exemplars.Value[i]);
            _traceId.Add(exemplars.TraceId[i]);
            _spanId.Add(exemplars.SpanId[i]);
            _attributes.Add(batch.Text, exemplars.Attributes, exemplars.AttributesOf(i));
        }
    }

    public void Write(ByteBuffer to, ReadOnlySpan<byte> tenant, uint receivedUnixSeconds)
    {
        to.WriteBlockHeader(13, Rows);
        to.Write(Tenant);
        for (int i = 0; i < Rows; i++) _tenant.Add(tenant);
        LowCardinality.WritePrefix(to);
        _tenant.WriteData(to);
        to.Write(Metric);
        LowCardinality.WritePrefix(to);
        _metric.WriteData(to);
        to.Write(SeriesId);
        to.WriteValues(_series.Span);
        to.Write(PointTime);
        to.WriteValues(_pointTime.Span);
        to.Write(Time);
        to.WriteValues(_time.Span);
        to.Write(Value);
        foreach (AnyValue value in _value.Span) to.WriteUInt64(BitConverter.DoubleToUInt64Bits(MetricBlocks.AsDouble(value)));
        to.Write(IntValue);
        foreach (AnyValue value in _value.Span) to.WriteUInt64(MetricBlocks.AsInt(value));
        to.Write(ValueType);
        foreach (AnyValue value in _value.Span) to.WriteByte(value.TypeCode);
        to.Write(TraceIdHeader);
        to.WriteValues(_traceId.Span);
        to.Write(SpanIdHeader);
        to.WriteValues(_spanId.Span);
        to.Write(AttributesHeader);
        _attributes.WriteData(to);
        MetricBlocks.WriteArrival(to, Rows, receivedUnixSeconds);
    }
}
