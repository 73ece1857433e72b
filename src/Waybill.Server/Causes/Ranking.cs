using System.Globalization;
using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>Weighs the findings of all channels against each other. Pure: the same sample and findings give the same suspects, in the same order.</summary>
public sealed class Ranking
{
    /// <summary>Below this nothing is listed. Chosen so that healthy windows of the synthetic systems list nothing in 19 of 20 cases: docs/causes.md.</summary>
    public const double Threshold = 0.3;
    private const double OperationShare = 0.7, PassedOn = 0.4, Harmless = 0.5, Unseen = 0.7;
    /// <summary>A change is suspected nearly as much as what it changed.</summary>
    private const double ChangeShare = 0.95;
    /// <summary>An attribute's value is what the bad requests have in common; it is no culprit that could be repaired.</summary>
    private const double AttributeShare = 0.9;
    private const int ContrastsMax = 2, ContrastSpansMax = 150;
    private const int OnsetBuckets = 24;
    private const double OnsetRise = 3;
    private const int ExamplesMax = 5;

    private readonly SpanSample _sample;
    private readonly CallForest _forest;
    private readonly Timeline _time;
    private readonly Instances _instances;
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<int, List<(int Span, double Bad)>> _held = [];   // by service

    /// <param name="others">Findings of what is not in spans: resources, logs, changes.</param>
    public Ranking(SpanSample sample, Timeline time, IEnumerable<Finding> others)
    {
        (_sample, _time) = (sample, time);
        _forest = new CallForest(sample);
        _instances = new Instances(sample);
        var parts = Parts.Split(sample, _forest);
        Entries = Latency.Entries(sample, _forest, time);
        if (time.IsTrace) AddTrace(TraceParts.Find(sample, _forest, parts));
        else AddWindow(parts);
        _findings.AddRange(others);
        QuietHints();
    }

    private void AddTrace(List<Finding> findings)
    {
        _findings.AddRange(findings);
        foreach (var finding in findings)
            foreach (int span in finding.Bad) HoldResponsible(span, _sample.Names.Find(finding.Service));
    }

    private void AddWindow(Parts parts)
    {
        var shifts = Latency.Measure(_sample, _forest, parts, _time);
        var silence = new Silence(_sample, _forest, _time);
        AddLatency(new Blame(_sample, _forest, shifts, silence).Assign());
        var calls = new Calls(_sample, _forest, parts, _time, silence);
        AddTrace(Failures.Find(_sample, _forest, parts, _time, shifts, calls, silence));
        AddTrace(calls.Find());
        _findings.AddRange(silence.Find());
    }

    /// <summary>
    /// Hints that others explain better count less: lines that a caller logs when one it calls is in trouble, too; an instance that is gone while nobody is worse off.
    /// </summary>
    private void QuietHints()
    {
        bool hurts = Entries.Any(e => e.Duration.Certain * e.Duration.Rise(Latency.GrainNano) > 0.1 || e.WindowFailed > 3 * (e.BaselineFailed * _time.Scale + 1)) || _findings.Any(f => (f.Channel is "errors" or "calls" && f.Contribution > 0.3) || f is { Channel: "logs", Strength: > 0.15 });
        var troubled = _findings.Where(f => f is { Channel: "logs", Strength: > 0.15 } or { Fault: "silent", Strength: > 0.2 }).Select(f => _sample.Names.Find(f.Service)).Where(s => s > 0).ToHashSet();
        var above = Above(troubled);
        var accused = _findings.Where(f => f.Channel is not ("resource" or "logs" or "change") && f.Contribution > 0.1).Select(f => f.Service).ToHashSet();
        bool isSeen = _findings.Any(f => f.Channel is not ("resource" or "logs" or "change") && f.Contribution > 0.5);
        for (int i = 0; i < _findings.Count; i++)
        {
            var finding = _findings[i];
            // A resource of one whose requests are well is no match for one whose requests are not.
            if (finding.Channel == "resource" && isSeen && !accused.Contains(finding.Service)) _findings[i] = finding with { Strength = finding.Strength * Unseen };
            if (finding is { Channel: "logs", Fault: "logs" } && above.Contains(_sample.Names.Find(finding.Service))) _findings[i] = finding with { Strength = finding.Strength * PassedOn };
            else if (finding is { Channel: "rate", Fault: "silent" } && !hurts) _findings[i] = finding with { Strength = finding.Strength * Harmless };
        }
    }

    /// <summary>Services that, directly or not, call one of these.</summary>
    private HashSet<int> Above(HashSet<int> services)
    {
        var above = new HashSet<int>();
        bool[] marked = new bool[_sample.Count];
        foreach (int i in _forest.Order.Reverse())
        {
            int p = _sample.Parent[i];
            if (p < 0 || (!marked[i] && !services.Contains(_sample.Spans[i].Service))) continue;
            marked[p] = true;
            if (_sample.Spans[p].Service != _sample.Spans[i].Service || marked[i]) above.Add(_sample.Spans[p].Service);
        }
        return above;
    }

    public SpanSample Sample => _sample;
    public List<EntryShift> Entries { get; }
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Best first; none below the threshold. A change just before is a suspect of its own, right behind what it changed.</summary>
    /// <param name="from">Only this service and what it calls, directly or not; null for all.</param>
    public List<Suspect> Suspects(int limit, string? from = null, double threshold = Threshold)
    {
        var found = _findings.GroupBy(f => f.Service).Where(InReach(from)).Select(Merge).Where(s => s.Score >= threshold).ToList();
        return [.. found.Concat(found.SelectMany(ChangesOf)).Concat(found.SelectMany(AttributesOf)).OrderByDescending(s => s.Score).ThenBy(s => s.Service, StringComparer.Ordinal).ThenBy(s => s.Kind, StringComparer.Ordinal).Take(limit)];
    }

    private IEnumerable<Suspect> ChangesOf(Suspect suspect) => _findings.Where(f => f.Change is not null && f.Service == suspect.Service).OrderByDescending(f => f.Strength).Take(1)
        .Select(f => new Suspect("change", "change", Math.Round(suspect.Score * ChangeShare, 3), $"{f.Text}; {suspect.Sentence}", [ToEvidence(f, f.Contribution), .. suspect.Evidence.Where(e => e.Channel != "change").Take(2)])
            { Service = suspect.Service, Instance = f.Instance, Change = f.Change, OnsetUnixNano = suspect.OnsetUnixNano });

    private IEnumerable<Suspect> AttributesOf(Suspect suspect) => _findings.Where(f => f.Attribute is not null && f.Service == suspect.Service).OrderByDescending(f => f.Effect).Take(1)
        .Select(f => new Suspect("attribute", suspect.Fault, Math.Round(suspect.Score * AttributeShare * f.Effect, 3), $"{f.Text}; {suspect.Sentence}", [ToEvidence(f, f.Contribution), .. suspect.Evidence.Where(e => e.Channel != "attribute").Take(2)])
            { Service = suspect.Service, Operation = suspect.Operation, Attribute = f.Attribute, OnsetUnixNano = suspect.OnsetUnixNano });

    /// <summary>What to ask the attributes of spans: of the likeliest suspects the bad spans and the good ones of the same operation in the window. At most so many of each, always the same.</summary>
    public List<Contrast> Contrasts(IReadOnlyList<Suspect> suspects)
    {
        var contrasts = new List<Contrast>();
        foreach (string service in suspects.Select(s => s.Service).OfType<string>().Distinct().Take(ContrastsMax))
        {
            var finding = _findings.Where(f => f.Service == service && f.Channel is "self_time" or "network" or "dependency" or "errors" && f.Bad.Count > 0).MaxBy(f => f.Contribution);
            if (finding is null) continue;
            int operation = _sample.Operation[finding.Bad[0]];
            HashSet<int> bad = [.. finding.Bad.Where(i => _sample.Spans[i].Side == Side.Window && _sample.Operation[i] == operation)];
            int[] good = [.. Enumerable.Range(0, _sample.Count).Where(i => _sample.Operation[i] == operation && _sample.Spans[i].Side == Side.Window && !bad.Contains(i) && !_sample.Spans[i].Failed)];
            if (bad.Count >= AttributeContrast.SpansMin && good.Length >= AttributeContrast.SpansMin)
                contrasts.Add(new Contrast(finding, _sample.NameOf(operation), Some(bad), Some(good)));
        }
        return contrasts;

        int[] Some(IEnumerable<int> spans) => [.. spans.OrderBy(i => _sample.Spans[i].TraceId).ThenBy(i => _sample.Spans[i].SpanId).Take(ContrastSpansMax)];
    }

    /// <summary>Adds what was found out later.</summary>
    public void Add(IEnumerable<Finding> findings) => _findings.AddRange(findings);

    public bool IsInstance(string name) => _sample.Names.Find(name) is > 0 and var number && _instances.Knows(number);

    /// <summary>When what speaks against the service began: the split of the window after which there is most more of it than before. The begin of the window when it was there all along.</summary>
    public long OnsetOf(string service)
    {
        long since = _time.Window.SinceUnixNano, width = (_time.Window.UntilUnixNano - since) / OnsetBuckets + 1;
        double[] bad = new double[OnsetBuckets];
        foreach (var (span, amount) in _held.GetValueOrDefault(_sample.Names.Find(service), [])) bad[Math.Clamp((_sample.Spans[span].Start - since) / width, 0, OnsetBuckets - 1)] += amount;
        double mean = bad.Sum() / OnsetBuckets, sum = 0, lowest = 0;
        int split = 0;
        for (int i = 0; i < OnsetBuckets; i++)
        {
            sum += bad[i] - mean;
            if (sum >= lowest) continue;
            (lowest, split) = (sum, i + 1);
        }
        if (split == 0 || split == OnsetBuckets) return since;
        double before = bad[..split].Average(), after = bad[split..].Average();
        return after >= OnsetRise * before && after > 0 ? since + split * width : since;
    }

    private Func<IGrouping<string, Finding>, bool> InReach(string? from)
    {
        if (from is null) return _ => true;
        var reached = new HashSet<int> { _sample.Names.Find(from) };
        foreach (int i in _forest.Order)
            if (_sample.Parent[i] >= 0 && reached.Contains(_sample.Spans[_sample.Parent[i]].Service)) reached.Add(_sample.Spans[i].Service);
        return group => reached.Contains(_sample.Names.Find(group.Key));
    }

    private void HoldResponsible(int span, int service, double bad = 1)
    {
        if (bad <= 0) return;
        if (_sample.Spans[span].Side == Side.Window) (CollectionsMarshal.GetValueRefOrAddDefault(_held, service, out _) ??= []).Add((span, bad));
        if (_sample.Spans[span].Service == service) _instances.Add(span, bad);
        else
            foreach (int child in _forest.Children(span))
                if (_sample.Spans[child].Service == service) _instances.Add(child, bad);
    }

    /// <summary>One finding per service and channel: the part that weighs most speaks for its like.</summary>
    private void AddLatency(List<Blamed> blamed)
    {
        foreach (var group in blamed.GroupBy(b => (b.Service, Channel: ChannelOf(b))).OrderBy(g => g.Key.Service).ThenBy(g => g.Key.Channel, StringComparer.Ordinal))
        {
            var ordered = group.OrderByDescending(b => b.Share * b.Part.Explained).ThenByDescending(b => b.Share * Blame.Anomaly(b.Part)).ThenBy(b => b.Part.Part.Operation).ToList();
            var most = ordered[0];
            double explained = group.Sum(b => b.Share * b.Part.Explained);
            // Many edges of one service that are each a little slow are together as sure as one that is very slow.
            double certain = Shift.Certainty(Math.Sqrt(group.Sum(b => b.Share * b.Part.Shift.Z * b.Part.Shift.Z)));
            double strength = certain * group.Max(b => b.Part.Effect * Math.Sqrt(b.Share) * (0.5 + 0.5 * Math.Min(1, b.Part.Explained * b.Share / Math.Max(explained, 1e-9))));
            foreach (var b in group) HoldSlowResponsible(b);
            _findings.Add(ToFinding(group.Key.Service, group.Key.Channel, most, strength, explained, most.Part.Explained * most.Share / Math.Max(explained, 1e-9)));
        }
    }

    private static string ChannelOf(Blamed b) => b.AtCallee || b.Part.Part.Type == PartType.Way ? "network" : b.Part.Part.Type == PartType.Dependency ? "dependency" : "self_time";

    private void HoldSlowResponsible(Blamed b)
    {
        double usual = b.Part.Shift.BaselineMean;
        foreach (int i in b.Part.Part.Spans)
            if (_sample.Spans[i].Side == Side.Window) HoldResponsible(i, b.Service, Math.Max(0, _forest.Own[i] - usual) / 1e9 * b.Share * (0.01 + b.Part.Explained) * 1000);
    }

    private Finding ToFinding(int service, string channel, Blamed most, double strength, double explained, double share)
    {
        var (part, shift) = (most.Part.Part, most.Part.Shift);
        string operation = _sample.NameOf(part.Operation), caller = _sample.ServiceOf(part.Operation), name = _sample.Names[service];
        string far = part.Far != 0 ? _sample.Names[part.Far] : operation;
        string moved = $"{Duration(shift.BaselineMean)} -> {Duration(shift.WindowMean)} on average (median {Duration(shift.BaselineMedian)} -> {Duration(shift.WindowMedian)}, Cliff's delta {shift.Delta:0.00}, z {shift.Z:0})";
        string text = channel switch
        {
            "network" when part.Type == PartType.Own => $"{caller} spends longer in {operation} around its calls of {name}: {moved}",
            "network" => $"the way from {caller} to {far} and back ({operation}): {moved}",
            "dependency" => $"calls of {far} ({operation}): {moved}",
            _ => $"own time of {operation}: {moved}",
        };
        double threshold = shift.BaselineMean + (shift.WindowMean - shift.BaselineMean) / 2;
        return new Finding(channel, channel == "network" ? "network" : "slow", name, strength, explained, text)
        {
            Operation = share >= OperationShare && part.Type != PartType.Way && caller == name ? operation : null,
            Dependency = channel == "dependency" ? far : channel == "network" && caller == name && part.Far != 0 ? far : null,
            Hurts = most.Part.HurtEntry >= 0 ? $"{_sample.NameOf(most.Part.HurtEntry)} of {_sample.ServiceOf(most.Part.HurtEntry)}" : null,
            Baseline = shift.BaselineMean, Window = shift.WindowMean, Unit = "ns", BaselineCount = shift.BaselineCount, WindowCount = shift.WindowCount,
            Bad = [.. part.Spans.Where(i => _sample.Spans[i].Side == Side.Window && _forest.Own[i] > threshold).OrderByDescending(i => _forest.Own[i])],
            Good = [.. part.Spans.Where(i => _sample.Spans[i].Side == Side.Baseline && _forest.Own[i] <= shift.BaselineMedian).Take(ExamplesMax)],
        };
    }

    private Suspect Merge(IGrouping<string, Finding> group)
    {
        // Two findings of one channel mostly see the same thing: the best counts, the next ones a little.
        var ordered = group.OrderByDescending(f => f.Contribution).ThenBy(f => f.Channel, StringComparer.Ordinal).ThenBy(f => f.Text, StringComparer.Ordinal).ToList();
        var evidence = new List<Evidence>();
        var seen = new Dictionary<string, int>();
        double left = 1;
        foreach (var finding in ordered)
        {
            int before = CollectionsMarshal.GetValueRefOrAddDefault(seen, finding.Channel, out _)++;
            double contribution = Math.Round(finding.Contribution / (1 + 3 * before), 3);
            if (contribution < 0.01 || before >= 3) continue;
            left *= 1 - contribution;
            evidence.Add(ToEvidence(finding, contribution));
        }
        var main = ordered[0];
        int service = _sample.Names.Find(group.Key);
        var holder = service < 0 ? new Holder(null, 0, 0) : _instances.HolderOf(service);
        string? gone = ordered.FirstOrDefault(f => f is { Channel: "rate", Fault: "silent", Instance: not null } && f.Contribution > 0.1)?.Instance;
        string? instance = gone ?? holder.Name ?? ordered.FirstOrDefault(f => f.Instance is not null && f.Contribution > 0.1)?.Instance;
        string? operation = main.Operation, dependency = ordered.FirstOrDefault(f => f.Dependency is not null && f.Contribution >= main.Contribution * 0.5)?.Dependency;
        string kind = main.Channel == "dependency" || (main is { Channel: "errors", Dependency: not null }) ? "dependency"
            : (gone ?? holder.Name) is not null && holder.Siblings > 0 ? "instance"
            : operation is not null ? "operation" : instance is not null && main.Instance is not null ? "instance" : "service";
        return new Suspect(kind, main.Fault, Math.Round(1 - left, 3), Sentence(group.Key, main, holder, instance), evidence)
        {
            Service = group.Key, Instance = instance, Change = ordered.Where(f => f.Change is not null).MaxBy(f => f.Strength)?.Change, Attribute = ordered.Where(f => f.Attribute is not null).MaxBy(f => f.Effect)?.Attribute, OnsetUnixNano = OnsetOf(group.Key).ToString(CultureInfo.InvariantCulture), Operation = operation, Dependency = dependency,
            ExplainedRatio = Math.Round(ordered.Max(f => f.Explained), 3),
        };
    }

    private static string Sentence(string service, Finding main, Holder holder, string? instance)
    {
        string who = instance is not null && holder.Siblings > 0 ? $"{instance} of {service}" : service;
        string what = main.Fault switch
        {
            "slow" when main.Channel == "dependency" => "waits for what it depends on",
            "slow" => "is slow itself",
            "network" => "is reached slowly: the time is lost on the way, not in its work",
            "failing" => "fails",
            "timeouts" => "is given up on",
            "silent" => "is silent",
            "missing_calls" => "does not do all it did",
            "more_calls" => "calls more than it did",
            "retries" => "is called again and again",
            "rate" => "is busy as never before",
            "resource" => "uses its resources differently",
            "logs" => "logs what it did not before",
            "change" => "was changed just before",
            _ => "differs",
        };
        string hurts = main.Hurts is not null && main.Explained > 0.01 ? $" This is {main.Explained:P0} of the rise of what waits, most in {main.Hurts}." : "";
        string siblings = holder is { Siblings: > 0, Name: not null } ? $" Its {(holder.Siblings == 1 ? "sibling is" : $"{holder.Siblings} siblings are")} well." : "";
        return $"{who} {what}: {main.Text}.{hurts}{siblings}";
    }

    private Evidence ToEvidence(Finding finding, double contribution) => new(finding.Channel, finding.Text, contribution)
    {
        Baseline = finding.Baseline, Window = finding.Window, Unit = finding.Unit, BaselineCount = finding.BaselineCount, WindowCount = finding.WindowCount,
        BadTraces = TracesOf(finding.Bad), GoodTraces = TracesOf(finding.Good),
    };

    private List<string>? TracesOf(IReadOnlyList<int> spans) => spans.Count == 0 ? null
        : [.. spans.Select(i => _sample.Spans[i].TraceId).Distinct().Take(ExamplesMax).Select(id => id.ToString("x32", CultureInfo.InvariantCulture))];

    internal static string Duration(double nanoseconds) => nanoseconds switch
    {
        < 1e6 => $"{nanoseconds / 1e3:0} µs",
        < 1e7 => $"{nanoseconds / 1e6:0.0} ms",
        < 1e9 => $"{nanoseconds / 1e6:0} ms",
        < 120e9 => $"{nanoseconds / 1e9:0.0} s",
        _ => $"{nanoseconds / 60e9:0} min",
    };
}
