using Waybill.Batches;

namespace Waybill.Metrics;

/// <summary>What points of every kind have. Times are nanoseconds since 1970, as the sender said.</summary>
public sealed class PointColumns
{
    /// <summary>The row of the point's metric.</summary>
    public Column<int> Metric { get; } = new();
    public Column<ulong> StartUnixNano { get; } = new();
    public Column<ulong> TimeUnixNano { get; } = new();
    /// <summary>OTLP DataPointFlags; bit 0 is NO_RECORDED_VALUE: the series ended here.</summary>
    public Column<uint> Flags { get; } = new();
    public AttributeColumns Attributes { get; } = new();
    public Column<int> AttributesEnd { get; } = new();
    /// <summary>Attributes that did not fit the limit.</summary>
    public Column<uint> DroppedAttributes { get; } = new();

    public int Count => Metric.Count;

    public Range AttributesOf(int point) => (point == 0 ? 0 : AttributesEnd[point - 1])..AttributesEnd[point];

    /// <summary>Adds a point whose attributes were appended to <see cref="Attributes"/> just before.</summary>
    public void Add(int metric, ulong startUnixNano, ulong timeUnixNano, uint flags, uint droppedAttributes)
    {
        Metric.Add(metric);
        StartUnixNano.Add(startUnixNano);
        TimeUnixNano.Add(timeUnixNano);
        Flags.Add(flags);
        AttributesEnd.Add(Attributes.Count);
        DroppedAttributes.Add(droppedAttributes);
    }

    /// <summary>How many points belong to metrics before <paramref name="metric"/>; points stand in the order of their metrics.</summary>
    public int CountBelow(int metric)
    {
        int count = Count;
        while (count > 0 && Metric[count - 1] >= metric) count--;
        return count;
    }

    public void Truncate(int count)
    {
        Metric.Truncate(count);
        StartUnixNano.Truncate(count);
        TimeUnixNano.Truncate(count);
        Flags.Truncate(count);
        AttributesEnd.Truncate(count);
        DroppedAttributes.Truncate(count);
        Attributes.Truncate(count == 0 ? 0 : AttributesEnd[count - 1]);
    }
}

/// <summary>Single measurements kept with points of one kind, end to end; most name the span they were made in.</summary>
public sealed class ExemplarColumns
{
    public Column<ulong> TimeUnixNano { get; } = new();
    /// <summary>An Int or a Double.</summary>
    public Column<AnyValue> Value { get; } = new();
    public Column<TraceId> TraceId { get; } = new();
    public Column<SpanId> SpanId { get; } = new();
    /// <summary>Attributes of the measurement that the point itself no longer has.</summary>
    public AttributeColumns Attributes { get; } = new();
    public Column<int> AttributesEnd { get; } = new();

    public int Count => TimeUnixNano.Count;

    public Range AttributesOf(int exemplar) => (exemplar == 0 ? 0 : AttributesEnd[exemplar - 1])..AttributesEnd[exemplar];

    public void Truncate(int count)
    {
        TimeUnixNano.Truncate(count);
        Value.Truncate(count);
        TraceId.Truncate(count);
        SpanId.Truncate(count);
        AttributesEnd.Truncate(count);
        Attributes.Truncate(count == 0 ? 0 : AttributesEnd[count - 1]);
    }
}
