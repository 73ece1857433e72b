using System.Buffers.Binary;
using System.Buffers.Text;

namespace Waybill.Payloads;

/// <summary>Request n of a plan. Thread-safe: templates are built once and only read.</summary>
internal sealed class PayloadStream
{
    private const long SpreadNano = 2_000_000_000;
    private const ulong LowHalf = 0x5851F42D4C957F2D, SpanSalt = 0x14057B7EF767814F, ValueSalt = 0x2545F4914F6CDD1D;

    private readonly PayloadPlan _plan;
    private readonly PayloadTemplate[] _templates;

    public PayloadStream(PayloadPlan plan)
    {
        _plan = plan;
        _templates = new PayloadTemplate[plan.Templates];
        for (int i = 0; i < _templates.Length; i++) _templates[i] = PayloadTemplate.Build(Chance.Mix(plan.Seed ^ (ulong)i), plan.SpansPerRequest);
        BodyBytesMax = _templates.Max(template => template.Body.Length);
        BytesPerSpan = _templates.Average(template => (double)template.Body.Length) / plan.SpansPerRequest;
    }

    public int BodyBytesMax { get; }

    /// <summary>Mean size of a span as OTLP protobuf, resources included.</summary>
    public double BytesPerSpan { get; }

    /// <summary>Writes request <paramref name="request"/> and returns its length in bytes.</summary>
    public int Write(long request, Span<byte> body)
    {
        var template = Template(request);
        template.Body.CopyTo(body);
        foreach (ref readonly var patch in template.Patches.AsSpan()) Apply(patch, request, body[patch.Offset..]);
        return template.Body.Length;
    }

    public IEnumerable<SentTrace> Traces(long request)
    {
        var sizes = Template(request).SpansOfTrace;
        for (int trace = 0, first = 0; trace < sizes.Length; first += sizes[trace++])
            yield return new(TraceId(request, trace), request, first, sizes[trace]);
    }

    /// <summary>16 lower-case hex digits of each span of a trace.</summary>
    public IEnumerable<string> SpanIds(SentTrace trace) =>
        Enumerable.Range(trace.FirstSpan, trace.SpanCount).Select(span => Chance.Mix(Counter(trace.Request, span) ^ SpanSalt).ToString("x16"));

    private string TraceId(long request, int trace)
    {
        Span<byte> id = stackalloc byte[16];
        WriteTraceId(request, trace, id);
        return Convert.ToHexStringLower(id);
    }

    private PayloadTemplate Template(long request) => _templates[request % _templates.Length];

    private void Apply(in Patch patch, long request, Span<byte> at)
    {
        switch (patch.Kind)
        {
            case PatchKind.TraceId: WriteTraceId(request, patch.Index, at); break;
            case PatchKind.SpanId: BinaryPrimitives.WriteUInt64BigEndian(at, Chance.Mix(Counter(request, patch.Index) ^ SpanSalt)); break;
            case PatchKind.Time: BinaryPrimitives.WriteInt64LittleEndian(at, TraceStart(request, patch.Index) + patch.Value); break;
            case PatchKind.User: Digits(at, TraceValue(request, patch.Index, 1) % 100_000, Marker.UserDigits); break;
            case PatchKind.Order: Digits(at, 100_000 + TraceValue(request, patch.Index, 2) % 900_000, Marker.OrderDigits); break;
            case PatchKind.Product: Digits(at, TraceValue(request, patch.Index, 3) % 10_000, Marker.ProductDigits); break;
            case PatchKind.Uuid: WriteUuid(TraceValue(request, patch.Index, 16 + (ulong)patch.Value), at); break;
        }
    }

    private void WriteTraceId(long request, int trace, Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, Chance.Mix(Counter(request, trace)));
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Chance.Mix(Counter(request, trace) ^ LowHalf));
    }

    private long TraceStart(long request, int trace) =>
        _plan.StartUnixNano + _plan.StepNano * request - (long)(TraceValue(request, trace, 0) % SpreadNano);

    /// <summary>The same for the same trace and purpose, otherwise without pattern.</summary>
    private ulong TraceValue(long request, int trace, ulong purpose) => Chance.Mix(Chance.Mix(Counter(request, trace) ^ ValueSalt) + purpose);

    /// <summary>A number no other trace (or no other span) of the run has: fewer than 2^16 of either in a request.</summary>
    private ulong Counter(long request, int index) => Chance.Mix(_plan.Seed) + ((ulong)request << 16) + (ulong)index;

    private static void Digits(Span<byte> at, ulong value, int width)
    {
        for (int i = width - 1; i >= 0; i--, value /= 10) at[i] = (byte)('0' + value % 10);
    }

    // Version 4, variant 1 (RFC 9562)
    private static void WriteUuid(ulong value, Span<byte> at)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Chance.Mix(value));
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        Utf8Formatter.TryFormat(new Guid(bytes, bigEndian: true), at, out _);
    }
}
