using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Spans;

namespace Waybill.Graph;

/// <summary>Writes the links of a request's spans, turned around, as a block for <c>trace_links</c>. Reused; one a thread.</summary>
public sealed class LinkBlocks
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        TraceIdHeader = BlockFormat.ColumnHeader("trace_id", "FixedString(16)"),
        SpanIdHeader = BlockFormat.ColumnHeader("span_id", "FixedString(8)"),
        FromTraceId = BlockFormat.ColumnHeader("from_trace_id", "FixedString(16)"),
        FromSpanId = BlockFormat.ColumnHeader("from_span_id", "FixedString(8)"),
        FromStart = BlockFormat.ColumnHeader("from_start", "DateTime('UTC')");

    private readonly Column<TraceId> _traceId = new(), _fromTraceId = new();
    private readonly Column<SpanId> _spanId = new(), _fromSpanId = new();
    private readonly Column<uint> _fromStart = new();
    private readonly LowCardinality _tenant = new();

    public int Rows => _traceId.Count;

    /// <summary>Takes the links of these spans. A link within its own trace is no edge between traces.</summary>
    public void Collect(SpanBatch batch, ReadOnlySpan<int> rows)
    {
        _traceId.Clear();
        _spanId.Clear();
        _fromTraceId.Clear();
        _fromSpanId.Clear();
        _fromStart.Clear();
        if (batch.Links.Count == 0) return;
        foreach (int row in rows)
        {
            Range links = batch.LinksOf(row);
            for (int i = links.Start.Value; i < links.End.Value; i++)
            {
                TraceId target = batch.Links.TraceId[i];
                if (target.IsZero || target == batch.TraceId[row]) continue;
                _traceId.Add(target);
                _spanId.Add(batch.Links.SpanId[i]);
                _fromTraceId.Add(batch.TraceId[row]);
                _fromSpanId.Add(batch.SpanId[row]);
                _fromStart.Add((uint)(batch.StartUnixNano[row] / 1_000_000_000));
            }
        }
    }

    public void Write(ByteBuffer to, ReadOnlySpan<byte> tenant)
    {
        to.WriteBlockHeader(6, Rows);
        to.Write(Tenant);
        _tenant.Clear();
        int index = _tenant.Intern(tenant);
        for (int i = 0; i < Rows; i++) _tenant.Add(index);
        LowCardinality.WritePrefix(to);
        _tenant.WriteData(to);
        to.Write(TraceIdHeader);
        to.WriteValues(_traceId.Span);
        to.Write(SpanIdHeader);
        to.WriteValues(_spanId.Span);
        to.Write(FromTraceId);
        to.WriteValues(_fromTraceId.Span);
        to.Write(FromSpanId);
        to.WriteValues(_fromSpanId.Span);
        to.Write(FromStart);
        to.WriteValues(_fromStart.Span);
    }
}
