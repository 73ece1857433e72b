using Waybill.Causes;
using Waybill.Web;

namespace Waybill.Tests.Causes;

/// <summary>Writes spans by hand: times in milliseconds after the begin of the trace.</summary>
internal sealed class Traffic
{
    public const long Second = 1_000_000_000;
    private const long Begin = 1_763_980_000 * Second;

    private readonly List<SampledSpan> _spans = [];
    private ulong _next = 1;
    private UInt128 _trace = 1;

    public NameTable Names { get; } = new();

    /// <summary>Ten minutes of baseline, then a window of one.</summary>
    public Timeline Time { get; } = new(new TimeRange(Begin + 600 * Second, Begin + 660 * Second), new TimeRange(Begin, Begin + 600 * Second));

    /// <summary>Begins the next trace.</summary>
    public long At(double second)
    {
        _trace++;
        return Begin + (long)(second * Second);
    }

    public ulong Add(long trace, ulong parent, string service, string name, double startMs, double durationMs, string instance = "", byte kind = 0, bool failed = false, string dependency = "", bool linked = false)
    {
        long start = trace + (long)(startMs * 1e6);
        _spans.Add(new SampledSpan(_trace, _next, parent, start, (long)(durationMs * 1e6), Names.Of(service), Names.Of(name), Names.Of(instance), Names.Of(dependency), 0, kind, failed, linked, Time.SideOf(start)));
        return _next++;
    }

    public SpanSample Sample() => SpanSample.Of(Names, _spans);

    public List<Suspect> Suspects() => new Ranking(Sample(), Time, []).Suspects(10);
}
