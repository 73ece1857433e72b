using System.Globalization;
using System.Text;

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
    /// <summary>A number point with neither as_int nor as_double, and not flagged as having no recorded value.</summary>
    Value,
    /// <summary>The request has more items than the limit.</summary>
    Items,
}

/// <summary>How many items of a request were refused, by reason. The rest of the request is kept.</summary>
public sealed class Rejections
{
    private readonly int[] _counts = new int[Enum.GetValues<Rejection>().Length];

    /// <summary>Items refused in all.</summary>
    public int Count { get; private set; }

    /// <summary>Why the first was refused, and the byte of the body where that showed; -1 when none was.</summary>
    public Rejection FirstReason { get; private set; }
    public int FirstOffset { get; private set; } = -1;

    /// <summary>The field of the first, such as <c>resource_spans[0].scope_spans[2].spans[17].attributes[3].value</c>.</summary>
    public string FirstPath { get; private set; } = "";

    public int this[Rejection reason] => _counts[(int)reason];

    public void Add(Rejection reason, int count = 1)
    {
        _counts[(int)reason] += count;
        Count += count;
    }

    /// <summary>Counts and, if it is the request's first, remembers where.</summary>
    public void Add(Rejection reason, int offset, int count)
    {
        if (FirstOffset < 0)
        {
            FirstReason = reason;
            FirstOffset = offset;
        }
        Add(reason, count);
    }

    /// <summary>Names the field that <see cref="FirstOffset"/> lies in, once decoding is done.</summary>
    public void Locate(string path) => FirstPath = path;

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        FirstReason = default;
        FirstOffset = -1;
        FirstPath = "";
    }

    /// <summary>What to tell the sender (partial_success.error_message): each reason with its count and fix, and where the first was. Holds no value of the request.</summary>
    public string Explain()
    {
        var text = new StringBuilder();
        for (int reason = 0; reason < _counts.Length; reason++)
        {
            if (_counts[reason] == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $"{_counts[reason]} refused: {Explain((Rejection)reason)} ");
        }
        if (FirstOffset >= 0) text.Append(CultureInfo.InvariantCulture, $"The first is {(FirstPath.Length == 0 ? "the item" : FirstPath)} at byte {FirstOffset}.");
        return text.ToString().TrimEnd();
    }

    /// <summary>The field and the fix, for people.</summary>
    public static string Explain(Rejection reason) => reason switch
    {
        Rejection.TraceId => "trace_id must be 16 bytes (32 hexadecimal digits in JSON) and not all zero.",
        Rejection.SpanId => "span_id must be 8 bytes (16 hexadecimal digits in JSON) and not all zero.",
        Rejection.ParentSpanId => "parent_span_id must be 8 bytes (16 hexadecimal digits in JSON), or empty for a root span.",
        Rejection.Malformed => "the message cannot be read; check lengths, wire types and JSON types against the OTLP schema.",
        Rejection.Depth => "values are nested too deep; flatten arrays and key-value lists.",
        Rejection.Buckets => "a histogram needs one more bucket_counts than explicit_bounds (or neither), bounds in rising order, and no more buckets than the limit.",
        Rejection.Metric => "a metric needs a name and one of gauge, sum, histogram, exponential_histogram, summary.",
        Rejection.Value => "a number data point needs as_int or as_double, or the flag NO_RECORDED_VALUE.",
        Rejection.Items => "the request has too many items; send smaller batches.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
