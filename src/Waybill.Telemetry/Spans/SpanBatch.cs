using Waybill.Batches;

namespace Waybill.Spans;

/// <summary>Numbers of OTLP's SpanKind, as stored.</summary>
public enum SpanKind : byte { Unspecified, Internal, Server, Client, Producer, Consumer }

/// <summary>Numbers of OTLP's StatusCode, as stored.</summary>
public enum SpanStatus : byte { Unset, Ok, Error }

/// <summary>
/// The spans of one request as columns: row i of every column is span i. There is no object per span; a batch is cleared and reused.
/// Times are exactly what the sender said, in nanoseconds since 1970, and may be zero, reversed or absurd.
/// </summary>
public sealed class SpanBatch
{
    public TextArena Text { get; } = new();
    public ResourceColumns Resources { get; } = new();
    public ScopeColumns Scopes { get; } = new();

    public Column<int> Resource { get; } = new();
    public Column<int> Scope { get; } = new();
    public Column<TraceId> TraceId { get; } = new();
    public Column<SpanId> SpanId { get; } = new();
    public Column<SpanId> ParentId { get; } = new();
    public Column<Text> TraceState { get; } = new();
    public Column<uint> Flags { get; } = new();
    public Column<Text> Name { get; } = new();
    public Column<byte> Kind { get; } = new();
    public Column<ulong> StartUnixNano { get; } = new();
    public Column<ulong> EndUnixNano { get; } = new();
    public Column<byte> StatusCode { get; } = new();
    public Column<Text> StatusMessage { get; } = new();

    public AttributeColumns Attributes { get; } = new();
    public Column<int> AttributesEnd { get; } = new();
    public Column<uint> DroppedAttributes { get; } = new();
    public EventColumns Events { get; } = new();
    public Column<int> EventsEnd { get; } = new();
    public Column<uint> DroppedEvents { get; } = new();
    public LinkColumns Links { get; } = new();
    public Column<int> LinksEnd { get; } = new();
    public Column<uint> DroppedLinks { get; } = new();

    public int Count => TraceId.Count;

    public Range AttributesOf(int span) => (span == 0 ? 0 : AttributesEnd[span - 1])..AttributesEnd[span];
    public Range EventsOf(int span) => (span == 0 ? 0 : EventsEnd[span - 1])..EventsEnd[span];
    public Range LinksOf(int span) => (span == 0 ? 0 : LinksEnd[span - 1])..LinksEnd[span];

    /// <summary>Forgets what was added for a span that has no row yet: a refused span leaves nothing behind.</summary>
    /// <param name="textLength">Length of <see cref="Text"/> before the span's own texts were appended.</param>
    public void DropUnfinished(int textLength)
    {
        int last = Count - 1;
        Attributes.Truncate(last < 0 ? 0 : AttributesEnd[last]);
        Events.Truncate(last < 0 ? 0 : EventsEnd[last]);
        Links.Truncate(last < 0 ? 0 : LinksEnd[last]);
        Text.Truncate(textLength);
    }

    public void Clear()
    {
        Text.Clear();
        Resources.Clear();
        Scopes.Clear();
        Resource.Clear();
        Scope.Clear();
        TraceId.Clear();
        SpanId.Clear();
        ParentId.Clear();
        TraceState.Clear();
        Flags.Clear();
        Name.Clear();
        Kind.Clear();
        StartUnixNano.Clear();
        EndUnixNano.Clear();
        StatusCode.Clear();
        StatusMessage.Clear();
        Attributes.Clear();
        AttributesEnd.Clear();
        DroppedAttributes.Clear();
        Events.Clear();
        EventsEnd.Clear();
        DroppedEvents.Clear();
        Links.Clear();
        LinksEnd.Clear();
        DroppedLinks.Clear();
    }
}

/// <summary>The events of all spans of a batch, end to end.</summary>
public sealed class EventColumns
{
    public Column<ulong> TimeUnixNano { get; } = new();
    public Column<Text> Name { get; } = new();
    public AttributeColumns Attributes { get; } = new();
    public Column<int> AttributesEnd { get; } = new();
    public Column<uint> DroppedAttributes { get; } = new();

    public int Count => TimeUnixNano.Count;

    public Range AttributesOf(int index) => (index == 0 ? 0 : AttributesEnd[index - 1])..AttributesEnd[index];

    public void Truncate(int count)
    {
        TimeUnixNano.Truncate(count);
        Name.Truncate(count);
        AttributesEnd.Truncate(count);
        DroppedAttributes.Truncate(count);
        Attributes.Truncate(count == 0 ? 0 : AttributesEnd[count - 1]);
    }

    public void Clear() => Truncate(0);
}

/// <summary>The links of all spans of a batch, end to end.</summary>
public sealed class LinkColumns
{
    public Column<TraceId> TraceId { get; } = new();
    public Column<SpanId> SpanId { get; } = new();
    public Column<Text> TraceState { get; } = new();
    public Column<uint> Flags { get; } = new();
    public AttributeColumns Attributes { get; } = new();
    public Column<int> AttributesEnd { get; } = new();
    public Column<uint> DroppedAttributes { get; } = new();

    public int Count => TraceId.Count;

    public Range AttributesOf(int index) => (index == 0 ? 0 : AttributesEnd[index - 1])..AttributesEnd[index];

    public void Truncate(int count)
    {
        TraceId.Truncate(count);
        SpanId.Truncate(count);
        TraceState.Truncate(count);
        Flags.Truncate(count);
        AttributesEnd.Truncate(count);
        DroppedAttributes.Truncate(count);
        Attributes.Truncate(count == 0 ? 0 : AttributesEnd[count - 1]);
    }

    public void Clear() => Truncate(0);
}
