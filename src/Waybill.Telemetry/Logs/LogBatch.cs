using Waybill.Batches;

namespace Waybill.Logs;

/// <summary>The log records of one request as columns: row i of every column is record i. Cleared and reused.</summary>
public sealed class LogBatch
{
    public TextArena Text { get; } = new();
    public ResourceColumns Resources { get; } = new();
    public ScopeColumns Scopes { get; } = new();

    public Column<int> Resource { get; } = new();
    public Column<int> Scope { get; } = new();
    /// <summary>When it happened; 0 when the sender does not know, then <see cref="ObservedUnixNano"/> counts.</summary>
    public Column<ulong> TimeUnixNano { get; } = new();
    public Column<ulong> ObservedUnixNano { get; } = new();
    /// <summary>OTLP SeverityNumber, 0 (unspecified) to 24; anything else as received.</summary>
    public Column<int> SeverityNumber { get; } = new();
    public Column<Text> SeverityText { get; } = new();
    public Column<AnyValue> Body { get; } = new();
    public Column<Text> EventName { get; } = new();
    public Column<TraceId> TraceId { get; } = new();
    public Column<SpanId> SpanId { get; } = new();
    public Column<uint> Flags { get; } = new();
    public AttributeColumns Attributes { get; } = new();
    public Column<int> AttributesEnd { get; } = new();
    public Column<uint> DroppedAttributes { get; } = new();

    public int Count => TimeUnixNano.Count;

    public Range AttributesOf(int record) => (record == 0 ? 0 : AttributesEnd[record - 1])..AttributesEnd[record];

    /// <summary>Forgets what was added for a record that has no row yet: a refused record leaves nothing behind.</summary>
    /// <param name="textLength">Length of <see cref="Text"/> before the record's own texts were appended.</param>
    public void DropUnfinished(int textLength)
    {
        Attributes.Truncate(Count == 0 ? 0 : AttributesEnd[Count - 1]);
        Text.Truncate(textLength);
    }

    public void Clear()
    {
        Text.Clear();
        Resources.Clear();
        Scopes.Clear();
        Resource.Clear();
        Scope.Clear();
        TimeUnixNano.Clear();
        ObservedUnixNano.Clear();
        SeverityNumber.Clear();
        SeverityText.Clear();
        Body.Clear();
        EventName.Clear();
        TraceId.Clear();
        SpanId.Clear();
        Flags.Clear();
        Attributes.Clear();
        AttributesEnd.Clear();
        DroppedAttributes.Clear();
    }
}
