using System.Text;
using Waybill.Batches;

namespace Waybill.Ingest;

/// <summary>What is said to a sender whose request was taken, but not as it was: OTLP's partial_success.error_message.</summary>
internal static class Remarks
{
    // There are fewer reasons than this holds; the bound is a promise to the sender (4 MiB is the specification's).
    private const int CharsMax = 4_096;

    /// <summary>One sentence per reason with its count and fix; null when there is nothing to say.</summary>
    public static string? Of(Signal signal, in Decoded decoded, Rejections rejected)
    {
        if (rejected.Count == 0 && decoded.Remark is null) return null;
        var text = new StringBuilder();
        if (rejected.Count > 0)
        {
            text.Append($"Rejected {rejected.Count} of {rejected.Count + decoded.Items} {signal.Items()}; the others are stored. Do not send them again.");
            foreach (var reason in Enum.GetValues<Rejection>())
                if (rejected[reason] > 0) text.Append($" {rejected[reason]}: {Fix(reason)}");
        }
        if (decoded.Remark is not null) text.Append(text.Length > 0 ? " " : "").Append(decoded.Remark);
        return text.Length <= CharsMax ? text.ToString() : text.ToString(0, CharsMax);
    }

    internal static string Fix(Rejection reason) => reason switch
    {
        Rejection.TraceId => "trace_id must be 16 bytes (32 hexadecimal digits in JSON), not all zero.",
        Rejection.SpanId => "span_id must be 8 bytes (16 hexadecimal digits in JSON), not all zero.",
        Rejection.ParentSpanId => "parent_span_id must be empty or 8 bytes (16 hexadecimal digits in JSON).",
        Rejection.Malformed => "the item itself cannot be read: a field runs past its end or has the wrong wire type; check the exporter's version.",
        Rejection.Depth => "values are nested too deep; flatten the attributes.",
        Rejection.Buckets => "a histogram needs one more bucket count than it has bounds, and bounds that rise.",
        Rejection.Metric => "a metric needs a name and data.",
        Rejection.Value => "a number point needs as_int or as_double, or the flag that it has no recorded value.",
        Rejection.Items => "the request has more items than Ingest:Decode:ItemsMax; send smaller batches.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    /// <summary>The reason as a metric's label.</summary>
    internal static string Label(Rejection reason) => reason switch
    {
        Rejection.TraceId => "trace_id",
        Rejection.SpanId => "span_id",
        Rejection.ParentSpanId => "parent_span_id",
        Rejection.Malformed => "malformed",
        Rejection.Depth => "depth",
        Rejection.Buckets => "buckets",
        Rejection.Metric => "metric",
        Rejection.Value => "value",
        Rejection.Items => "items",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
