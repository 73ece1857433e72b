using Waybill.Changes;
using Waybill.Web;

namespace Waybill.Errors;

/// <summary>Finds since which change a group of exceptions is there.</summary>
public sealed class NewErrors(ChangeTable changes)
{
    private const long Before = 24 * 3600 * 1_000_000_000L;
    /// <summary>Clocks of pipelines and services differ: a change that claims to have begun so shortly after may still be the cause.</summary>
    private const long ClockSlack = 5_000_000_000;
    private const int ChangesMax = 1_000;

    /// <summary>Adds to each new group the last change of its service that began before it was first seen, at most a day earlier.</summary>
    public async Task<List<ErrorGroup>> Explain(string tenant, List<ErrorGroup> groups, CancellationToken cancel)
    {
        List<ErrorGroup> news = [.. groups.Where(group => group.IsNew)];
        if (news.Count == 0) return groups;
        var range = new TimeRange(news.Min(group => group.FirstEverNano) - Before, news.Max(group => group.FirstEverNano) + ClockSlack + 1);
        ChangePage page = await changes.Read(tenant, range, new ChangeFilter { Services = [.. news.Select(group => group.Service).Distinct()] }, ChangesMax, null, cancel);
        ILookup<string, Change> byService = page.Changes.ToLookup(change => change.Service ?? "");
        return [.. groups.Select(group => group.IsNew ? group with { NewSince = Last(byService[group.Service], group.FirstEverNano) } : group)];
    }

    // What is seen of instances that come and go explains an exception last.
    private static Change? Last(IEnumerable<Change> newestFirst, long nano)
    {
        List<Change> before = [.. newestFirst.Where(change => change.StartedNano <= nano + ClockSlack && change.StartedNano >= nano - Before)];
        return before.Find(change => change.Kind != ChangeKind.Infrastructure) ?? before.FirstOrDefault();
    }
}
