using Waybill.Batches;

namespace Waybill.Exceptions;

/// <summary>Where and when in a request something happened that gets a row of its own: an exception, the evaluation of a flag.</summary>
/// <param name="Operation">Name of the span or event.</param>
/// <param name="Signal">1 span, 2 log record.</param>
public readonly ref struct OccurrencePlace(TextArena text, ulong unixNano, ReadOnlySpan<byte> service, ReadOnlySpan<byte> operation, byte signal, TraceId trace, SpanId span, ulong resourceId, double weight)
{
    public TextArena Text { get; } = text;
    public ulong UnixNano { get; } = unixNano;
    public ReadOnlySpan<byte> Service { get; } = service;
    public ReadOnlySpan<byte> Operation { get; } = operation;
    public byte Signal { get; } = signal;
    public TraceId Trace { get; } = trace;
    public SpanId Span { get; } = span;
    public ulong ResourceId { get; } = resourceId;
    public double Weight { get; } = weight;
}
