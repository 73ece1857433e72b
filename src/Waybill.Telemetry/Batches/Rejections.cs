namespace Waybill.Batches;

/// <summary>Why an item was refused. Every value is a label of <c>waybill_ingest_rejected_total</c> and names its field and fix to the sender.</summary>
public enum Rejection : byte
{
    /// <summary>trace_id is not 16 bytes, or all zero.</summary>
    TraceId,
    /// <summary>span_id is not 8 bytes, or all zero.</summary>
    SpanId,
    /// <summary>parent_span_id is neither empty nor 8 bytes.</summary>
    ParentSpanId,
    /// <summary>The item's own message cannot be read: a field runs past its end, or has the wrong wire type.</summary>
    Malformed,
    /// <summary>Values are nested deeper than the limit.</summary>
    Depth,
    /// <summary>A histogram's counts and bounds do not fit together.</summary>
    Buckets,
    /// <summary>A metric without a name, or with no data.</summary>
    Metric,
}

/// <summary>How many items of a request were refused, by reason. The rest of the request is kept.</summary>
public sealed class Rejections
{
    private readonly int[] _counts = new int[Enum.GetValues<Rejection>().Length];

    /// <summary>Items refused in all.</summary>
    public int Count { get; private set; }

    public int this[Rejection reason] => _counts[(int)reason];

    public void Add(Rejection reason, int count = 1)
    {
        _counts[(int)reason] += count;
        Count += count;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }
}
