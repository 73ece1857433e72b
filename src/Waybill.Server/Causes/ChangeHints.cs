using System.Globalization;

namespace Waybill.Causes;

/// <summary>What somebody did shortly before.</summary>
public sealed record RecentChange(string Id, string Kind, string Service, string? Instance, string Summary, string? Author, long StartedNano)
{
    /// <summary>New instances of the same release follow from a crash as often as they lead to one.</summary>
    public double Weight { get; init; } = 1;
}

/// <summary>Changes as evidence: a change of a suspect shortly before the trouble makes it likelier, a change of somebody who is well says nothing.</summary>
public static class ChangeHints
{
    public const long ReachNano = 3_600_000_000_000;
    /// <summary>Below the threshold: a change alone accuses nobody.</summary>
    private const double Most = 0.25;
    private const double FadesNano = 900e9;

    public static List<Finding> Find(IEnumerable<RecentChange> changes, Timeline time)
    {
        var findings = new List<Finding>();
        foreach (var change in changes.OrderBy(c => c.StartedNano).ThenBy(c => c.Id, StringComparer.Ordinal))
        {
            double ago = time.Window.SinceUnixNano - change.StartedNano;
            // In the window is as near as can be; only what came after all of it cannot be its cause.
            if (change.StartedNano >= time.Window.UntilUnixNano || ago > ReachNano) continue;
            double strength = Most * change.Weight * Math.Exp(-Math.Max(0, ago) / FadesNano);
            string when = ago > 0 ? $"{Ranking.Duration(ago)} before the window" : $"{Ranking.Duration(-ago)} into the window";
            string who = change.Author is null ? "" : $" by {change.Author}";
            findings.Add(new("change", "change", change.Service, strength, 1, string.Create(CultureInfo.InvariantCulture, $"{change.Kind} of {change.Service}{who}, {when}: {change.Summary}")) { Change = change.Id, Instance = change.Instance });
        }
        return findings;
    }
}
