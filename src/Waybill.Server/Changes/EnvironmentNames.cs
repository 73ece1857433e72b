namespace Waybill.Changes;

/// <summary>Environments as pipelines and services name them.</summary>
public static class EnvironmentNames
{
    private const int PrefixMin = 3;

    /// <summary>Whether two names may be of one environment: one is unknown, or the short form of the other, as prod of production.</summary>
    public static bool MayBeSame(string? a, string? b)
    {
        if (string.IsNullOrEmpty(a) || string.IsNullOrEmpty(b)) return true;
        if (a.Equals(b, StringComparison.OrdinalIgnoreCase)) return true;
        var (shorter, longer) = a.Length <= b.Length ? (a, b) : (b, a);
        if (shorter.Equals("stage", StringComparison.OrdinalIgnoreCase) && longer.Equals("staging", StringComparison.OrdinalIgnoreCase)) return true;
        return shorter.Length >= PrefixMin && longer.StartsWith(shorter, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a change in an environment may concern who runs in these; of none we know nothing.</summary>
    public static bool MayConcern(string? environment, IReadOnlyCollection<string> environments) => environments.Count == 0 || environments.Any(of => MayBeSame(environment, of));
}
