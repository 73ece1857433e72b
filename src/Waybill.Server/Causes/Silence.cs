using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>How much is heard of services, instances and entry operations: who fell silent, who is new, who is called as never before.</summary>
public sealed class Silence
{
    private const double ExpectedMin = 8, SilentRatio = 0.2, SurgeRatio = 4, SteadyRatio = 0.3, LostStrength = 0.8, LostRatio = 0.3, UncausedBefore = 0.1, LossPrior = 0.01, RareChance = 0.001, OthersWeight = 20;
    private const int SurgeMin = 30, CausedMin = 3;
    private const byte Producer = 4, Consumer = 5;

    private readonly SpanSample _sample;
    private readonly Dictionary<int, (double Baseline, double Window)> _services = [], _roots = [], _operations = [], _uncaused = [];
    private readonly Dictionary<(int Service, int Instance), (double Baseline, double Window)> _instances = [];
    private readonly HashSet<int> _called = [];
    private readonly Dictionary<int, int> _caller = [];   // operation -> service that called it in the baseline
    private readonly Dictionary<int, int> _sender = [];   // topic -> service that sent to it in the baseline
    private readonly Dictionary<int, int> _topic = [];    // operation -> topic it read from
    private readonly Dictionary<int, List<int>> _windowRoots = [];   // operation -> spans of the window that begin something
    private readonly Dictionary<int, int[]> _blocks = [];   // by service: spans in each block of the baseline
    private readonly double _scale;

    public Silence(SpanSample sample, CallForest forest, Timeline time)
    {
        _sample = sample;
        for (int i = 0; i < sample.Count; i++)
        {
            ref readonly var span = ref sample.Spans[i];
            if (span.Side == Side.Outside) continue;
            Count(_services, span.Service, span.Side);
            if (span.Side == Side.Baseline) (CollectionsMarshal.GetValueRefOrAddDefault(_blocks, span.Service, out _) ??= new int[time.BlockCount])[time.BlockOf(span.Start)]++;
            Count(_operations, sample.Operation[i], span.Side);
            if (span.Instance != 0) Count(_instances, (span.Service, span.Instance), span.Side);
            if (forest.Entry[i] == i) Count(_roots, sample.Operation[i], span.Side);
            if (span.Side == Side.Window && (forest.Entry[i] == i || !span.HasCause)) (CollectionsMarshal.GetValueRefOrAddDefault(_windowRoots, sample.Operation[i], out _) ??= []).Add(i);
            if (!span.HasCause) Count(_uncaused, sample.Operation[i], span.Side);
            if (span is { Kind: Producer, Side: Side.Baseline, Dependency: not 0 }) _sender[span.Dependency] = span.Service;
            if (span is { Kind: Consumer, Side: Side.Baseline, Dependency: not 0 }) _topic[sample.Operation[i]] = span.Dependency;
            if (sample.Parent[i] < 0 || sample.Spans[sample.Parent[i]].Service == span.Service) continue;
            _called.Add(span.Service);
            if (span.Side == Side.Baseline) _caller[sample.Operation[i]] = sample.Spans[sample.Parent[i]].Service;
        }
        // How much traffic there is now: what most entry operations say, so that one that surges or stops does not change the measure.
        double[] ratios = [.. _roots.Values.Where(r => r.Baseline * time.Scale >= ExpectedMin).Select(r => r.Window / r.Baseline).Order()];
        _scale = ratios.Length == 0 ? time.Scale : Math.Max(Shift.Quantile(ratios, 0.5), time.Scale * 0.05);
    }

    private static void Count<T>(Dictionary<T, (double Baseline, double Window)> counts, T key, Side side) where T : notnull
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        if (side == Side.Window) count.Window++;
        else count.Baseline++;
    }

    private bool IsSilent((double Baseline, double Window) count) => count.Baseline * _scale >= ExpectedMin && count.Window < SilentRatio * count.Baseline * _scale;

    public bool IsSilent(int service) => IsSteady(service) && IsSilent(_services.GetValueOrDefault(service));

    /// <summary>Heard of all the time: a job that runs now and then is silent in between.</summary>
    private bool IsSteady(int service) => _blocks.TryGetValue(service, out int[]? blocks) && blocks.Min() >= SteadyRatio * blocks.Average();

    /// <summary>Whether the service, or one of its instances, fell silent.</summary>
    public bool IsAnySilent(int service) => IsSilent(service) || (IsSteady(service) && _instances.Any(i => i.Key.Service == service && IsSilent(i.Value)));

    /// <summary>Whether the operation goes on without the parents, or links, it used to have.</summary>
    public bool IsLostContext(int operation)
    {
        var uncaused = _uncaused.GetValueOrDefault(operation);
        var all = _operations.GetValueOrDefault(operation);
        return all.Window > 0 && uncaused.Window / all.Window > LostRatio && uncaused.Baseline / Math.Max(1, all.Baseline) < UncausedBefore;
    }

    /// <summary>
    /// How sure it is that an operation lost its causes, 0 to 1. Context is lost by code and not by chance, so few cases are enough: the odds before
    /// (<see cref="LossPrior"/>) times how much likelier the cases are if it was lost than if it goes on as in the baseline (Bayes). How often an operation lacks its
    /// cause by chance is what it did in the baseline, drawn to what all that usually have one did. A single case counts half.
    /// </summary>
    private double CertaintyOfLoss(int operation)
    {
        double cases = _uncaused[operation].Window, chance = ChanceOfNoCause(operation);
        double odds = LossPrior * Math.Pow(1 / chance, Math.Min(cases, 10));
        return odds / (1 + odds) * (1 - 1 / (cases + 1));
    }

    private double ChanceOfNoCause(int operation)
    {
        double without = 0, all = 1 / RareChance;
        foreach (var (other, count) in _operations)
        {
            double missing = _uncaused.GetValueOrDefault(other).Baseline;
            if (missing >= UncausedBefore * count.Baseline) continue;
            without += missing;
            all += count.Baseline;
        }
        return (_uncaused[operation].Baseline + OthersWeight * (without + 1) / all) / (_operations[operation].Baseline + OthersWeight);
    }

    /// <summary>Who called the operation, or sent what it reads; 0 when nobody did.</summary>
    private int CauserOf(int operation) =>
        _caller.TryGetValue(operation, out int caller) ? caller : _topic.TryGetValue(operation, out int topic) ? _sender.GetValueOrDefault(topic) : 0;

    /// <summary>An instance that did much and does nothing is gone; one that did little may just have nothing to do.</summary>
    private static double GoneStrength(double expected) => Math.Min(0.55, 0.1 + 0.1 * Math.Log(expected / ExpectedMin + 1));

    public List<Finding> Find()
    {
        var findings = new List<Finding>();
        foreach (var (service, count) in _services.OrderBy(s => s.Key))
        {
            string name = _sample.Names[service];
            var instances = _instances.Where(i => i.Key.Service == service).OrderBy(i => i.Key.Instance).ToList();
            var gone = instances.Where(i => IsSilent(i.Value)).ToList();
            var fresh = instances.Where(i => i.Value is { Baseline: 0, Window: >= 3 }).ToList();
            if (IsSilent(service))
                // Who is called by others falls silent when they do: only Calls can tell, this is no more than a hint.
                findings.Add(new("rate", "silent", name, _called.Contains(service) ? 0.1 : 0.45, 1, $"{name} sent {count.Window:0} spans where {count.Baseline * _scale:0} were to be expected")
                    { Instance = gone.Count == 1 ? _sample.Names[gone[0].Key.Instance] : null, Baseline = count.Baseline * _scale, Window = count.Window, Unit = "spans" });
            else if (gone.Count > 0 && IsSteady(service) && gone.Count < instances.Count)
                findings.Add(new("rate", "silent", name, GoneStrength(gone[0].Value.Baseline * _scale), 1, $"{_sample.Names[gone[0].Key.Instance]} of {name} fell silent{(fresh.Count > 0 ? $" and {_sample.Names[fresh[0].Key.Instance]} is new" : "")}: {gone[0].Value.Window:0} spans where {gone[0].Value.Baseline * _scale:0} were to be expected")
                    { Instance = _sample.Names[gone[0].Key.Instance], Baseline = gone[0].Value.Baseline * _scale, Window = gone[0].Value.Window, Unit = "spans" });
        }
        AddLostContexts(findings);
        foreach (var (operation, count) in _roots.OrderBy(r => r.Key))
        {
            double expected = Math.Max(1, count.Baseline * _scale);
            if (count.Window < SurgeMin || count.Baseline < 3 || count.Window < SurgeRatio * expected) continue;
            findings.Add(new("rate", "rate", _sample.ServiceOf(operation), 0.75 * (1 - expected / count.Window), 1, $"{_sample.NameOf(operation)} begins {count.Window:0} times where {expected:0} were to be expected; other entries did not change so")
                { Operation = _sample.NameOf(operation), Baseline = expected, Window = count.Window, Unit = "requests", Bad = _windowRoots[operation] });
        }
        return findings;
    }

    private void AddLostContexts(List<Finding> findings)
    {
        foreach (var (operation, uncaused) in _uncaused.OrderBy(u => u.Key))
        {
            if (_operations[operation].Baseline < CausedMin || !IsLostContext(operation) || CauserOf(operation) is not (not 0 and var causer)) continue;
            var all = _operations[operation];
            string name = _sample.NameOf(operation), service = _sample.ServiceOf(operation), by = _sample.Names[causer];
            findings.Add(new("calls", "missing_calls", by, LostStrength * CertaintyOfLoss(operation), 1, $"{name} of {service} starts traces of its own {uncaused.Window:0} of {all.Window:0} times, {uncaused.Baseline:0} of {all.Baseline:0} before; {by} no longer passes its context on")
                { Dependency = service, Baseline = uncaused.Baseline / all.Baseline, Window = uncaused.Window / all.Window, Unit = "ratio", BaselineCount = (int)all.Baseline, WindowCount = (int)all.Window, Bad = [.. _windowRoots[operation].Where(i => !_sample.Spans[i].HasCause)] });
        }
    }
}
