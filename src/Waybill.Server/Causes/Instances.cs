using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>Whether one instance of a service holds its fault.</summary>
/// <param name="Name">The instance; null when several share the fault.</param>
/// <param name="Siblings">Other instances that served in the window and are well.</param>
public sealed record Holder(string? Name, int Siblings, double Share);

/// <summary>Badness by instance, against the share of the work each did.</summary>
public sealed class Instances
{
    private const double ShareMin = 0.6, OverWork = 1.3;

    private readonly SpanSample _sample;
    private readonly Dictionary<(int Service, int Instance), (int Spans, double Bad)> _seen = [];

    public Instances(SpanSample sample)
    {
        _sample = sample;
        foreach (var span in sample.Spans)
            if (span.Side == Side.Window && span.Instance != 0) CollectionsMarshal.GetValueRefOrAddDefault(_seen, (span.Service, span.Instance), out _).Spans++;
    }

    /// <summary>Adds to what speaks against the instance that ran this span.</summary>
    public void Add(int span, double bad)
    {
        ref readonly var s = ref _sample.Spans[span];
        if (s.Instance == 0) return;
        CollectionsMarshal.GetValueRefOrAddDefault(_seen, (s.Service, s.Instance), out _).Bad += bad;
    }

    public bool Knows(int instance) => _seen.Keys.Any(seen => seen.Instance == instance);

    public Holder HolderOf(int service)
    {
        var all = _seen.Where(s => s.Key.Service == service).OrderByDescending(s => s.Value.Bad).ThenBy(s => _sample.Names[s.Key.Instance], StringComparer.Ordinal).ToList();
        if (all.Count == 0) return new Holder(null, 0, 0);
        if (all.Count == 1) return new Holder(_sample.Names[all[0].Key.Instance], 0, 1);
        double bad = all.Sum(a => a.Value.Bad), spans = all.Sum(a => a.Value.Spans);
        if (bad <= 0) return new Holder(null, all.Count - 1, 0);
        double share = all[0].Value.Bad / bad, work = all[0].Value.Spans / spans;
        return new Holder(share >= ShareMin && share >= Math.Min(0.95, work * OverWork) ? _sample.Names[all[0].Key.Instance] : null, all.Count - 1, share);
    }
}
