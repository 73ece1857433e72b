using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Spans;

/// <summary>What a row of <c>trace_index</c> points to.</summary>
public enum IndexedSignal : byte { Spans = 1, Logs = 2 }

/// <summary>Collects when the traces of a request were and writes them as a block for <c>trace_index</c>: a row a trace. Reused; one a thread.</summary>
public sealed class TraceIndexBlocks
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        TraceIdHeader = BlockFormat.ColumnHeader("trace_id", "FixedString(16)"),
        Signal = BlockFormat.ColumnHeader("signal", "UInt8"),
        First = BlockFormat.ColumnHeader("first", "DateTime('UTC')"),
        Last = BlockFormat.ColumnHeader("last", "DateTime('UTC')");

    private readonly Dictionary<TraceId, int> _rowOf = [];
    private readonly Column<TraceId> _traceId = new();
    private readonly Column<uint> _first = new(), _last = new();
    private readonly LowCardinality _tenant = new();
    private int _row = -1;

    public int Rows => _traceId.Count;

    public (TraceId Id, uint First, uint Last) this[int row] => (_traceId[row], _first[row], _last[row]);

    public void Clear()
    {
        _rowOf.Clear();
        _traceId.Clear();
        _first.Clear();
        _last.Clear();
        _row = -1;
    }

    /// <summary>Notes that something of the trace happened at this time; items without a trace are ignored.</summary>
    public void Add(TraceId trace, ulong unixNano)
    {
        if (trace.IsZero) return;
        uint second = (uint)(unixNano / 1_000_000_000);
        if (_row < 0 || _traceId[_row] != trace)
        {
            if (!_rowOf.TryGetValue(trace, out _row))
            {
                _row = _traceId.Count;
                _rowOf.Add(trace, _row);
                _traceId.Add(trace);
                _first.Add(second);
                _last.Add(second);
                return;
            }
        }
        if (second < _first[_row]) _first[_row] = second;
        if (second > _last[_row]) _last[_row] = second;
    }

    public void Write(ByteBuffer to, ReadOnlySpan<byte> tenant, IndexedSignal signal)
    {
        to.WriteBlockHeader(5, Rows);
        to.Write(Tenant);
        _tenant.Clear();
        int index = _tenant.Intern(tenant);
        for (int i = 0; i < Rows; i++) _tenant.Add(index);
        LowCardinality.WritePrefix(to);
        _tenant.WriteData(to);
        to.Write(TraceIdHeader);
        to.WriteValues(_traceId.Span);
        to.Write(Signal);
        to.Take(Rows).Fill((byte)signal);
        to.Write(First);
        to.WriteValues(_first.Span);
        to.Write(Last);
        to.WriteValues(_last.Span);
    }
}
