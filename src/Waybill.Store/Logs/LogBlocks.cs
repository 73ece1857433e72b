using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Origins;

namespace Waybill.Logs;

/// <summary>Turns rows of a <see cref="LogBatch"/> into a Native block for <c>logs</c> (or <c>logs_quarantine</c>). Reused; one a thread.</summary>
public sealed class LogBlocks
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        Time = BlockFormat.ColumnHeader("time", "DateTime64(9, 'UTC')"),
        Happened = BlockFormat.ColumnHeader("happened", "DateTime64(9, 'UTC')"),
        Observed = BlockFormat.ColumnHeader("observed", "DateTime64(9, 'UTC')"),
        Service = BlockFormat.ColumnHeader("service", "LowCardinality(String)"),
        Severity = BlockFormat.ColumnHeader("severity", "Int32"),
        SeverityText = BlockFormat.ColumnHeader("severity_text", "LowCardinality(String)"),
        EventName = BlockFormat.ColumnHeader("event_name", "LowCardinality(String)"),
        Body = BlockFormat.ColumnHeader("body", "String"),
        BodyType = BlockFormat.ColumnHeader("body_type", "UInt8"),
        TraceIdHeader = BlockFormat.ColumnHeader("trace_id", "FixedString(16)"),
        SpanIdHeader = BlockFormat.ColumnHeader("span_id", "FixedString(8)"),
        Flags = BlockFormat.ColumnHeader("flags", "UInt32"),
        Weight = BlockFormat.ColumnHeader("weight", "Float64"),
        Received = BlockFormat.ColumnHeader("received", "DateTime('UTC')"),
        ResourceId = BlockFormat.ColumnHeader("resource_id", "UInt64"),
        ScopeId = BlockFormat.ColumnHeader("scope_id", "UInt64"),
        Dropped = BlockFormat.ColumnHeader("dropped", "UInt32"),
        AttributesHeader = BlockFormat.ColumnHeader("attributes", "Map(LowCardinality(String), String)");

    private const int ColumnCount = 19;

    private readonly AttributeMap _attributes = new();
    private readonly LowCardinality _dictionary = new();

    /// <summary>When the record counts as having happened: its own time, else when it was observed, else when it was received.</summary>
    public static ulong TimeOf(LogBatch batch, int row, ulong receivedUnixNano) =>
        batch.TimeUnixNano[row] != 0 ? batch.TimeUnixNano[row] : batch.ObservedUnixNano[row] != 0 ? batch.ObservedUnixNano[row] : receivedUnixNano;

    public void Write(ByteBuffer to, ReadOnlySpan<byte> tenant, LogBatch batch, OriginIdentities origins, ReadOnlySpan<int> rows, ulong receivedUnixNano)
    {
        TextArena text = batch.Text;
        _attributes.Clear();
        foreach (int row in rows) _attributes.Add(text, batch.Attributes, batch.AttributesOf(row));

        to.WriteBlockHeader(ColumnCount, rows.Length);
        to.Write(Tenant);
        _dictionary.Clear();
        for (int i = 0; i < rows.Length; i++) _dictionary.Add(tenant);
        WriteDictionary(to);
        to.Write(Time);
        foreach (int row in rows) to.WriteUInt64(TimeOf(batch, row, receivedUnixNano));
        to.Write(Happened);
        to.WriteRows(batch.TimeUnixNano.Span, rows);
        to.Write(Observed);
        to.WriteRows(batch.ObservedUnixNano.Span, rows);
        to.Write(Service);
        _dictionary.Clear();
        foreach (int row in rows) _dictionary.Add(origins.ServiceOf(text, batch.Resource[row]));
        WriteDictionary(to);
        to.Write(Severity);
        to.WriteRows(batch.SeverityNumber.Span, rows);
        to.Write(SeverityText);
        _dictionary.Clear();
        foreach (int row in rows) _dictionary.Add(text[batch.SeverityText[row]]);
        WriteDictionary(to);
        to.Write(EventName);
        _dictionary.Clear();
        foreach (int row in rows) _dictionary.Add(text[batch.EventName[row]]);
        WriteDictionary(to);
        to.Write(Body);
        foreach (int row in rows) ValueText.Write(to, text, batch.Body[row]);
        to.Write(BodyType);
        foreach (int row in rows) to.WriteByte(batch.Body[row].TypeCode);
        to.Write(TraceIdHeader);
        to.WriteRows(batch.TraceId.Span, rows);
        to.Write(SpanIdHeader);
        to.WriteRows(batch.SpanId.Span, rows);
        to.Write(Flags);
        to.WriteRows(batch.Flags.Span, rows);
        to.Write(Weight);
        foreach (int _ in rows) to.WriteUInt64(BitConverter.DoubleToUInt64Bits(1));
        to.Write(Received);
        foreach (int _ in rows) to.WriteValues<uint>([(uint)(receivedUnixNano / 1_000_000_000)]);
        to.Write(ResourceId);
        foreach (int row in rows) to.WriteUInt64(origins.ResourceId[batch.Resource[row]]);
        to.Write(ScopeId);
        foreach (int row in rows) to.WriteUInt64(origins.ScopeId[batch.Scope[row]]);
        to.Write(Dropped);
        to.WriteRows(batch.DroppedAttributes.Span, rows);
        to.Write(AttributesHeader);
        _attributes.WriteData(to);
    }

    private void WriteDictionary(ByteBuffer to)
    {
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
    }
}
