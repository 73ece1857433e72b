using Waybill.Redaction;
using Waybill.Storage;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Audit;

/// <summary>What the rules in force see in a time range. Nothing is stored: the ledger is, and the answer follows from it.</summary>
public sealed class Suspicions(ActivityTable table, AuditOptions options, StorageOptions storage)
{
    private const int FoundMax = 500;
    private readonly string _path = Path.GetFullPath(options.SuspicionsFile ?? Path.Combine(storage.Directory, "suspicions.yaml"));
    private readonly Lock _lock = new();
    private (DateTime Written, long Length)? _seen;
    private IReadOnlyList<SuspicionRule> _rules = SuspicionRule.Default;
    private IReadOnlyList<RuleError> _errors = [];

    /// <summary>The rules in force, and what is wrong with the file's last version, which is not.</summary>
    public (IReadOnlyList<SuspicionRule> Rules, IReadOnlyList<RuleError> Errors) Rules()
    {
        lock (_lock)
        {
            var file = new FileInfo(_path);
            if (!file.Exists)
            {
                (_seen, _rules, _errors) = (null, SuspicionRule.Default, []);
                return (_rules, _errors);
            }
            if (_seen == (file.LastWriteTimeUtc, file.Length)) return (_rules, _errors);
            _seen = (file.LastWriteTimeUtc, file.Length);
            try
            {
                var (rules, errors) = file.Length > SuspicionRules.BytesMax ? (null, [new RuleError(1, "", $"The file is larger than {SuspicionRules.BytesMax} bytes.")]) : SuspicionRules.Parse(File.ReadAllText(_path));
                (_rules, _errors) = (rules ?? _rules, errors);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                (_seen, _errors) = (null, [new RuleError(0, "", "The file cannot be read: is it the server's to read?")]);
            }
            return (_rules, _errors);
        }
    }

    /// <summary>The gravest first, then the latest.</summary>
    /// <param name="names">Only of this actor, in every spelling; null for all.</param>
    public async Task<(List<Suspicion> Found, List<PartialReason> Reasons)> Find(string tenant, TimeRange range, string[]? names, CancellationToken cancel)
    {
        var found = new List<Suspicion>();
        var reasons = new List<PartialReason>();
        foreach (SuspicionRule rule in Rules().Rules)
        {
            var (of, read) = await Find(rule, tenant, range, cancel);
            if (read >= options.ActsPerRuleMax) reasons.Add(new PartialReason("limit", $"The rule {rule.Name} looked at the first {read} acts of the range only. Ask for a shorter one."));
            found.AddRange(of);
        }
        if (names is not null) found.RemoveAll(one => !names.Contains(one.Actor));
        found = [.. found.OrderBy(one => Array.IndexOf(["high", "medium", "low"], one.Severity)).ThenByDescending(one => long.Parse(one.LastUnixNano, System.Globalization.CultureInfo.InvariantCulture))];
        if (found.Count > FoundMax) reasons.Add(new PartialReason("limit", $"{found.Count} were found; the first {FoundMax} are shown."));
        return ([.. found.Take(FoundMax)], reasons);
    }

    private async Task<(IEnumerable<Suspicion> Found, int Read)> Find(SuspicionRule rule, string tenant, TimeRange range, CancellationToken cancel)
    {
        const long Second = 1_000_000_000;
        TimeRange before = range with { SinceUnixNano = Math.Max(0, range.SinceUnixNano - Math.Max(rule.LookBackSeconds, rule.WithinSeconds) * Second) };
        switch (rule.Kind)
        {
            case "failures-then-success":
                var acts = await table.InOrder(tenant, before, rule.Likes, options.ActsPerRuleMax, cancel);
                return (Patterns.FailuresThenSuccess(rule, acts).Where(one => string.CompareOrdinal(one.LastUnixNano, $"{range.SinceUnixNano}") >= 0), acts.Count);
            case "first-access":
                var accesses = await table.DataSets(tenant, before, rule.Likes, options.ActsPerRuleMax, cancel);
                return (Patterns.FirstAccess(rule, accesses, range.SinceUnixNano), accesses.Count);
            default:
                var volumes = await table.Volumes(tenant, before, rule.Likes, rule.WithinSeconds, options.ActsPerRuleMax, cancel);
                return (Patterns.UnusualVolume(rule, volumes, range.SinceUnixNano - rule.WithinSeconds * Second), volumes.Count);
        }
    }
}
