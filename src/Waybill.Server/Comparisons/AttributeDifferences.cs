using System.Globalization;
using System.Runtime.InteropServices;
using Waybill.Batches;
using Waybill.Causes;

namespace Waybill.Comparisons;

/// <summary>Compares what the spans of two sides carry, their resources' attributes with them: how often each value occurs, and how large numbers are. Pure.</summary>
internal sealed class AttributeDifferences(IReadOnlyDictionary<ulong, ResourceNames> resources, string nameA, string nameB)
{
    private const int ValueShown = 80, TracesMax = 3, NumbersMin = 5;
    /// <summary>A number of which there are more different ones than this is measured, not told apart.</summary>
    private const int DistinctMax = 10;
    private const double EffectMin = 0.05, ConfidenceMin = 0.95;

    private sealed class Counts
    {
        public int A, B;
        public readonly List<TraceId> TracesA = [], TracesB = [];

        public void Add(bool isA, TraceId trace)
        {
            var traces = isA ? TracesA : TracesB;
            if (isA) A++;
            else B++;
            if (traces.Count < TracesMax && !traces.Contains(trace)) traces.Add(trace);
        }
    }

    private readonly Dictionary<(string Key, string Value), Counts> _values = [];
    private readonly Dictionary<string, (List<double> A, List<double> B)> _numbers = [];

    /// <param name="withPlace">Whether service, name, kind and status count as attributes, too.</param>
    /// <param name="chosen">Keys by which the sides were told apart: they differ by choice.</param>
    public List<Difference> Of(IReadOnlyList<ComparedSpan> a, IReadOnlyList<ComparedSpan> b, bool withPlace, IReadOnlySet<string> chosen)
    {
        foreach (var span in a) Add(span, true, withPlace);
        foreach (var span in b) Add(span, false, withPlace);
        var distinct = _values.Keys.GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Count());
        var found = new List<Difference>();
        foreach (var ((key, value), counts) in _values)
        {
            if (chosen.Contains(key) || (_numbers.ContainsKey(key) && distinct[key] > DistinctMax)) continue;
            var (effect, confidence) = Differences.Proportion(counts.A, a.Count, counts.B, b.Count);
            if (Math.Abs(effect) < EffectMin || confidence < ConfidenceMin) continue;
            string shown = value.Length > ValueShown ? value[..ValueShown] + "..." : value;
            found.Add(new Difference("attribute", "share", Math.Round((double)counts.A / a.Count, 4), Math.Round((double)counts.B / b.Count, 4), Math.Abs(effect), confidence,
                    string.Create(CultureInfo.InvariantCulture, $"{key} = {shown} is on {(double)counts.A / a.Count:P1} of the spans of {nameA} and {(double)counts.B / b.Count:P1} of {nameB}"))
                { Key = key, Value = value, Traces = [.. (effect > 0 ? counts.TracesA : counts.TracesB).Select(trace => trace.ToString())] });
        }
        found.AddRange(_numbers.Where(number => distinct[number.Key] > DistinctMax && !chosen.Contains(number.Key)).Select(number => OfNumber(number.Key, [.. number.Value.A.Order()], [.. number.Value.B.Order()])).OfType<Difference>());
        return found;
    }

    private Difference? OfNumber(string key, double[] a, double[] b)
    {
        if (a.Length < NumbersMin || b.Length < NumbersMin) return null;
        double delta = Shift.CliffsDelta(b, a), confidence = Differences.RankConfidence(delta, a.Length, b.Length), middleA = Shift.Quantile(a, 0.5), middleB = Shift.Quantile(b, 0.5);
        if (Math.Abs(delta) < EffectMin || confidence < ConfidenceMin) return null;
        return new Difference("attribute", "value", middleA, middleB, Math.Abs(delta), confidence,
            string.Create(CultureInfo.InvariantCulture, $"{key} is {middleA:0.###} in {nameA} and {middleB:0.###} in {nameB} (medians)")) { Key = key };
    }

    private void Add(ComparedSpan span, bool isA, bool withPlace)
    {
        foreach (var (typed, value) in span.Attributes) Add(typed, typed[2..], value, isA, span.Trace);
        foreach (var (typed, value) in resources.GetValueOrDefault(span.Resource)?.Attributes ?? new Dictionary<string, string>())
            if (withPlace || typed != "s:service.name") Add(typed, "resource." + typed[2..], value, isA, span.Trace);
        if (span.Failed) Count("status", "error", isA, span.Trace);
        if (!withPlace) return;
        Count("name", span.Name, isA, span.Trace);
        Count("kind", span.Kind.ToString().ToLowerInvariant(), isA, span.Trace);
    }

    private void Add(string typed, string key, string value, bool isA, TraceId trace)
    {
        if (typed.Length <= 2 || typed[0] == 'j') return;
        Count(key, value, isA, trace);
        if (typed[0] is not ('i' or 'd') || !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)) return;
        ref var numbers = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, key, out bool known);
        if (!known) numbers = ([], []);
        (isA ? numbers.A : numbers.B).Add(number);
    }

    private void Count(string key, string value, bool isA, TraceId trace) => (CollectionsMarshal.GetValueRefOrAddDefault(_values, (key, value), out _) ??= new Counts()).Add(isA, trace);
}
