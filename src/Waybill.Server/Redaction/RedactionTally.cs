using System.Collections.Concurrent;
using Waybill.Web;

namespace Waybill.Redaction;

/// <summary>How often something was found since the start, and the shapes of the latest few of each kind: what a person needs to see that a finding is false.</summary>
public sealed class RedactionTally
{
    /// <summary>Kinds of findings whose shapes are kept, about 300 bytes each.</summary>
    private const int KindsMax = 2_000;

    private readonly ConcurrentDictionary<(Detector, RedactionAction), long> _counts = new();
    private readonly ConcurrentDictionary<ShapedKind, IReadOnlyList<string>> _shapes = new();

    private readonly record struct ShapedKind(string Service, string Carrier, string Key, string Detector);

    public IEnumerable<DetectorCount> Counts => _counts.OrderByDescending(pair => pair.Value).Select(pair => new DetectorCount(pair.Key.Item1.Info().Name, pair.Key.Item2.ToString().ToLowerInvariant(), pair.Value));

    public void Add(FindingCounts findings) => findings.ForEach(Add);

    public void Add(Finding finding, long count, IReadOnlyList<string> shapes)
    {
        _counts.AddOrUpdate((finding.Detector, finding.Action), count, (_, before) => before + count);
        var kind = new ShapedKind(finding.Service, finding.Carrier.Name(), finding.Key, finding.Detector.Info().Name);
        if (shapes.Count > 0 && (_shapes.Count < KindsMax || _shapes.ContainsKey(kind))) _shapes[kind] = [.. shapes];
    }

    public IReadOnlyList<string> ShapesOf(string service, string carrier, string key, string detector) =>
        _shapes.GetValueOrDefault(new ShapedKind(service, carrier, key, detector)) ?? [];

    public void WriteMetrics(PrometheusText text)
    {
        text.Counter("waybill_redaction_findings_total", "Sensitive texts found before they were stored, by detector and by what was done.");
        foreach (var ((detector, action), count) in _counts) text.Sample(count, ("detector", detector.Info().Name), ("action", action.ToString().ToLowerInvariant()));
    }
}

public sealed record DetectorCount(string Detector, string Action, long Count);
