namespace Waybill.Causes;

/// <summary>How often one kind of line was logged, before and in the window.</summary>
/// <param name="IsBad">Of severity error, or worded like one.</param>
public sealed record LogLine(string? Service, string? Instance, string Template, bool IsBad, double Baseline, double Window);

/// <summary>Lines that are new or surge, and services that no longer log. Callers log the failures of those they call, so a line is only a hint at who it belongs to.</summary>
public static class LogLines
{
    private const double NewWeight = 0.45, SurgeWeight = 0.35, PlainWeight = 0.1, SilentWeight = 0.25, Overdispersion = 0.3, QuietMin = 20, QuietRatio = 0.1;
    private const int TemplateShown = 120;

    public static List<Finding> Find(IReadOnlyList<LogLine> lines, double scale)
    {
        var findings = new List<Finding>();
        var byTemplate = lines.Where(l => l.Service is not null).GroupBy(l => (l.Service, l.Template)).OrderBy(g => g.Key.Service, StringComparer.Ordinal).ThenBy(g => g.Key.Template, StringComparer.Ordinal);
        foreach (var group in byTemplate)
        {
            double before = group.Sum(l => l.Baseline), now = group.Sum(l => l.Window), expected = before * scale;
            double z = (now - 0.5 - expected) / Math.Sqrt(expected + 1 + Math.Pow(Overdispersion * expected, 2));
            bool bad = group.Any(l => l.IsBad);
            double weight = !bad ? PlainWeight : before == 0 ? NewWeight : SurgeWeight, rise = 1 - Math.Min(1, (expected + 0.5) / (now + 0.5));
            double strength = Shift.Certainty(z + 1) * rise * weight;
            if (strength < 0.03) continue;
            var most = group.OrderByDescending(l => l.Window).ThenBy(l => l.Instance, StringComparer.Ordinal).First();
            string template = group.Key.Template.Length > TemplateShown ? group.Key.Template[..TemplateShown] + "..." : group.Key.Template;
            findings.Add(new("logs", "logs", group.Key.Service!, strength, 1, $"logged {now:0} times{(before == 0 ? ", never before" : $" instead of {expected:0}")}: {template}")
                { Instance = most.Window > 0.8 * now && group.Count() > 1 ? most.Instance : null, Baseline = expected, Window = now, Unit = "lines" });
        }
        foreach (var service in lines.Where(l => l.Service is not null).GroupBy(l => l.Service).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            double expected = service.Sum(l => l.Baseline) * scale, now = service.Sum(l => l.Window);
            if (expected < QuietMin || now > QuietRatio * expected) continue;
            findings.Add(new("logs", "silent", service.Key!, SilentWeight, 1, $"logged {now:0} lines where {expected:0} were to be expected") { Baseline = expected, Window = now, Unit = "lines" });
        }
        return findings;
    }
}
