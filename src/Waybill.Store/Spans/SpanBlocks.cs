using System.Globalization;
using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Graph;
using Waybill.Origins;

namespace Waybill.Spans;

/// <summary>Turns rows of a <see cref="SpanBatch"/> into a Native block for <c>spans</c> (or <c>spans_quarantine</c>). Reused; one a thread.</summary>
/// <param name="keys">Attributes that are business ids.</param>
public sealed class SpanBlocks(AliasKeys keys)
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        TraceIdHeader = BlockFormat.ColumnHeader("trace_id", "FixedString(16)"),
        SpanIdHeader = BlockFormat.ColumnHeader("span_id", "FixedString(8)"),
        ParentId = BlockFormat.ColumnHeader("parent_id", "FixedString(8)"),
        Start = BlockFormat.ColumnHeader("start", "DateTime64(9, 'UTC')"),
        Duration = BlockFormat.ColumnHeader("duration", "Int64"),
        Service = BlockFormat.ColumnHeader("service", "LowCardinality(String)"),
        Name = BlockFormat.ColumnHeader("name", "LowCardinality(String)"),
        Kind = BlockFormat.ColumnHeader("kind", "UInt8"),
        Status = BlockFormat.ColumnHeader("status", "UInt8"),
        StatusMessage = BlockFormat.ColumnHeader("status_message", "String"),
        TraceState = BlockFormat.ColumnHeader("trace_state", "String"),
        Flags = BlockFormat.ColumnHeader("flags", "UInt32"),
        Weight = BlockFormat.ColumnHeader("weight", "Float64"),
        Received = BlockFormat.ColumnHeader("received", "DateTime('UTC')"),
        ResourceId = BlockFormat.ColumnHeader("resource_id", "UInt64"),
        ScopeId = BlockFormat.ColumnHeader("scope_id", "UInt64"),
        Dropped = BlockFormat.ColumnHeader("dropped", "LowCardinality(String)"),
        Attributes = BlockFormat.ColumnHeader("attributes", "Map(LowCardinality(String), String)"),
        Events = BlockFormat.ColumnHeader("events", "String"),
        Links = BlockFormat.ColumnHeader("links", "String");

    private const int OwnColumns = 21;

    private readonly PromotedColumns _promoted = new();
    private readonly AttributeMap _attributes = new([.. PromotedColumns.TypedKeys, .. keys.TypedKeys]);
    private readonly LowCardinality _dictionary = new();
    private readonly AttachmentJson _json = new();

    /// <summary>The business ids of the rows that <see cref="Write"/> wrote last.</summary>
    public AliasBlocks Aliases { get; } = new(keys);

    /// <summary>Writes the block of <paramref name="rows"/>.</summary>
    public void Write(ByteBuffer to, ReadOnlySpan<byte> tenant, SpanBatch batch, OriginIdentities origins, ReadOnlySpan<int> rows, uint receivedUnixSeconds)
    {
        TextArena text = batch.Text;
        CollectAttributes(batch, rows);

        to.WriteBlockHeader(OwnColumns + PromotedColumns.Count, rows.Length);
        to.Write(Tenant);
        WriteConstant(to, tenant, rows.Length);
        to.Write(TraceIdHeader);
        to.WriteRows(batch.TraceId.Span, rows);
        to.Write(SpanIdHeader);
        to.WriteRows(batch.SpanId.Span, rows);
        to.Write(ParentId);
        to.WriteRows(batch.ParentId.Span, rows);
        to.Write(Start);
        to.WriteRows(batch.StartUnixNano.Span, rows);
        to.Write(Duration);
        foreach (int row in rows) to.WriteUInt64(unchecked(batch.EndUnixNano[row] - batch.StartUnixNano[row]));
        to.Write(Service);
        WriteService(to, batch, origins, rows);
        to.Write(Name);
        WriteNames(to, batch, rows);
        to.Write(Kind);
        to.WriteRows(batch.Kind.Span, rows);
        to.Write(Status);
        to.WriteRows(batch.StatusCode.Span, rows);
        to.Write(StatusMessage);
        foreach (int row in rows) to.WriteText(text[batch.StatusMessage[row]]);
        to.Write(TraceState);
        foreach (int row in rows) to.WriteText(text[batch.TraceState[row]]);
        to.Write(Flags);
        to.WriteRows(batch.Flags.Span, rows);
        to.Write(Weight);
        foreach (int row in rows)
            to.WriteUInt64(BitConverter.DoubleToUInt64Bits(batch.TraceState[row].IsEmpty ? 1.0 : SamplingWeight.Of(text[batch.TraceState[row]])));
        to.Write(Received);
        foreach (int _ in rows) to.WriteValues<uint>([receivedUnixSeconds]);
        to.Write(ResourceId);
        foreach (int row in rows) to.WriteUInt64(origins.ResourceId[batch.Resource[row]]);
        to.Write(ScopeId);
        foreach (int row in rows) to.WriteUInt64(origins.ScopeId[batch.Scope[row]]);
        to.Write(Dropped);
        WriteDropped(to, batch, rows);
        _promoted.Write(to, text);
        to.Write(Attributes);
        _attributes.WriteData(to);
        to.Write(Events);
        foreach (int row in rows) to.WriteText(_json.Events(batch, batch.EventsOf(row)));
        to.Write(Links);
        foreach (int row in rows) to.WriteText(_json.Links(batch, batch.LinksOf(row)));
    }

    private void CollectAttributes(SpanBatch batch, ReadOnlySpan<int> rows)
    {
        _promoted.Clear();
        _attributes.Clear();
        Aliases.Clear();
        foreach (int row in rows)
        {
            _promoted.AddRow();
            var promotion = new PromotedColumns.Promotion(_promoted, Aliases, batch.Text, batch.TraceId[row], batch.StartUnixNano[row]);
            _attributes.Add(batch.Text, batch.Attributes, batch.AttributesOf(row), promotion);
        }
    }

    private void WriteConstant(ByteBuffer to, ReadOnlySpan<byte> value, int rows)
    {
        _dictionary.Clear();
        int index = _dictionary.Intern(value);
        for (int i = 0; i < rows; i++) _dictionary.Add(index);
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
    }

    private void WriteService(ByteBuffer to, SpanBatch batch, OriginIdentities origins, ReadOnlySpan<int> rows)
    {
        _dictionary.Clear();
        int resource = -1, index = 0;
        foreach (int row in rows)
        {
            if (batch.Resource[row] != resource)
            {
                resource = batch.Resource[row];
                index = _dictionary.Intern(origins.ServiceOf(batch.Text, resource));
            }
            _dictionary.Add(index);
        }
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
    }

    private void WriteNames(ByteBuffer to, SpanBatch batch, ReadOnlySpan<int> rows)
    {
        _dictionary.Clear();
        foreach (int row in rows) _dictionary.Add(batch.Text[batch.Name[row]]);
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
    }

    private void WriteDropped(ByteBuffer to, SpanBatch batch, ReadOnlySpan<int> rows)
    {
        _dictionary.Clear();
        foreach (int row in rows)
        {
            uint attributes = batch.DroppedAttributes[row], events = batch.DroppedEvents[row], links = batch.DroppedLinks[row];
            if ((attributes | events | links) == 0) _dictionary.Add(LowCardinality.Empty);
            else _dictionary.Add(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{attributes},{events},{links}")));
        }
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
    }
}
