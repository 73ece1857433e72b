using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>Ids that may be absent: of the wrong length they count as absent, as OTLP asks of log records, and are counted.</summary>
internal static class OptionalIds
{
    public static TraceId Trace(ref DecodeState state, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == TraceId.Size) return new TraceId(bytes);
        if (bytes.Length > 0) state.Counts.IgnoredIds++;
        return default;
    }

    public static SpanId Span(ref DecodeState state, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == SpanId.Size) return new SpanId(bytes);
        if (bytes.Length > 0) state.Counts.IgnoredIds++;
        return default;
    }

    public static bool TryTrace(ref Utf8JsonReader json, ref DecodeState state, out TraceId id)
    {
        if (!JsonReading.TryTraceId(ref json, ref state, out id, out bool fits)) return false;
        if (!fits) state.Counts.IgnoredIds++;
        return true;
    }

    public static bool TrySpan(ref Utf8JsonReader json, ref DecodeState state, out SpanId id)
    {
        if (!JsonReading.TrySpanId(ref json, ref state, out id, out bool fits)) return false;
        if (!fits) state.Counts.IgnoredIds++;
        return true;
    }
}
