using System.Globalization;
using Waybill.Batches;
using Waybill.Web;

namespace Waybill.Causes;

/// <summary>What was read for a question.</summary>
/// <param name="Environments">Of each service, the environments that its resources name.</param>
public sealed record ReadSample(NameTable Names, List<SampledSpan> Spans, IReadOnlyDictionary<string, HashSet<string>> Environments)
{
    /// <summary>Where a service runs; empty when nothing says so.</summary>
    public IReadOnlyCollection<string> EnvironmentsOf(string service) => Environments.TryGetValue(service, out var known) ? known : [];
}

/// <summary>Whole traces of a window and of what it is compared with, bounded, with the instance and version of every span.</summary>
public sealed class Samples(SampleTable table)
{
    /// <summary>Spans looked at per side. 200,000 are about 0.4 s of work and, at 20 spans a trace, 10,000 traces: a fault of one in a hundred is seen a hundred times.</summary>
    public const int SpansPerSide = 200_000;
    /// <summary>How far around a range the rest of its traces is looked for.</summary>
    private const long ReachNano = 30_000_000_000;

    /// <param name="trace">One trace in place of the window's.</param>
    /// <param name="environment">Without what names another one; null for all.</param>
    public async Task<ReadSample> Read(string tenant, Timeline time, long windowSpans, long baselineSpans, CancellationToken cancel, TraceId? trace = null, string? environment = null)
    {
        var names = new NameTable();
        var spans = new List<SampledSpan>((int)Math.Min(2 * SpansPerSide, windowSpans + baselineSpans) + 1000);
        var origins = new List<ulong>(spans.Capacity);
        var keys = await table.Keys(tenant, time.Window, cancel);
        await table.Read(tenant, Around(time.Window), trace is null ? OneOf(windowSpans) : 1, keys, names, time, spans, origins, cancel, trace is { } only ? [only] : null);
        if (baselineSpans > 0) await table.Read(tenant, Around(time.Baseline), OneOf(baselineSpans), keys, names, time, spans, origins, cancel);
        return await NameInstances(tenant, names, spans, origins, environment, cancel);
    }

    /// <summary>These traces, whole.</summary>
    /// <param name="minutes">Minutes (Unix seconds) in which they have spans.</param>
    public async Task<ReadSample> Read(string tenant, Timeline time, IReadOnlyCollection<TraceId> traces, IReadOnlyCollection<long> minutes, CancellationToken cancel)
    {
        var names = new NameTable();
        var spans = new List<SampledSpan>();
        var origins = new List<ulong>();
        await table.Read(tenant, Around(time.Window), 1, await table.Keys(tenant, time.Window, cancel), names, time, spans, origins, cancel, traces, minutes);
        return await NameInstances(tenant, names, spans, origins, null, cancel);
    }

    public static UInt128 NumberOf(TraceId id) => UInt128.Parse(id.ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>A pod the span or its resource names, else the resource's instance, else the span's.</summary>
    private async Task<ReadSample> NameInstances(string tenant, NameTable names, List<SampledSpan> spans, List<ulong> origins, string? environment, CancellationToken cancel)
    {
        var known = await table.Resources(tenant, origins.Distinct(), cancel);
        var numbers = known.ToDictionary(r => r.Key, r => (Pod: names.Of(r.Value.Pod), Instance: names.Of(r.Value.Instance), Version: names.Of(r.Value.Version)));
        for (int i = 0; i < spans.Count; i++)
        {
            var span = spans[i];
            var of = numbers.GetValueOrDefault(origins[i]);
            int instance = of.Pod != 0 ? of.Pod : span.Instance > 0 ? span.Instance : of.Instance != 0 ? of.Instance : -span.Instance;
            spans[i] = span with { Instance = instance, Version = of.Version };
        }
        var environments = known.Values.Where(of => of.Environment.Length > 0).GroupBy(of => of.Service).ToDictionary(service => service.Key, service => service.Select(of => of.Environment).ToHashSet(StringComparer.Ordinal));
        if (environment is null) return new ReadSample(names, spans, environments);
        var others = known.Where(of => of.Value.Environment.Length > 0 && of.Value.Environment != environment).Select(of => of.Key).ToHashSet();
        return new ReadSample(names, [.. spans.Where((_, i) => !others.Contains(origins[i]))], environments.ToDictionary(service => service.Key, _ => new HashSet<string> { environment }));
    }

    /// <summary>A power of two, so that the traces of the sparser sample are among those of the denser one.</summary>
    private static long OneOf(long spans) => (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, (spans + SpansPerSide - 1) / SpansPerSide));

    private static TimeRange Around(TimeRange range) => new(range.SinceUnixNano - ReachNano, range.UntilUnixNano + ReachNano);
}
