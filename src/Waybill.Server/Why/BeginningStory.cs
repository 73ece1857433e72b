using Waybill.Digests;
using Waybill.Map;
using Waybill.Web;

namespace Waybill.Why;

/// <summary>What is odd about how a trace began, when nothing in it failed or was slow: it lost the context of its cause, or begins as often as never before.</summary>
public sealed class BeginningStory(OperationTable operations, LostContextTable lost, ChangeStory changes, Owners owners)
{
    private const long Hour = 3_600_000_000_000, Minute = 60_000_000_000, Second = 1_000_000_000;

    /// <returns>Whether anything is odd.</returns>
    internal async Task<bool> Tell(Story story, string tenant, TraceDigest digest, DigestSpan root, CancellationToken cancel)
    {
        long start = TraceStory.Nano(digest.StartUnixNano);
        if (!digest.Linked.Any(link => link.Direction == "cause") && await TellLostContext(story, tenant, digest, root, start, cancel)) return true;
        return await TellSurge(story, tenant, digest, root, start, cancel);
    }

    private async Task<bool> TellLostContext(Story story, string tenant, TraceDigest digest, DigestSpan root, long start, CancellationToken cancel)
    {
        var range = new TimeRange(start - Hour, start + 2 * Minute);
        LostEdge? edge = new LostContexts(await lost.Read(tenant, range, "", 60, cancel), []).Report(range, int.MaxValue, [], _ => null).Edges
            .FirstOrDefault(of => of.Kind == "root_without_context" && of.To == $"service:{root.Service}" && of.Operation == root.Operation);
        if (edge is null) return false;
        long began = TraceStory.Nano(edge.Points.First(point => point.LostCount > 0).TimeUnixNano);
        story.LedTo("warning", $"It does not say what caused it, though such {root.Operation} usually do: {edge.Sentence}", new StepEvidence("edge", edge.Id, null, "/api/lost-context"));
        string sender = edge.From is { } from ? from[(from.IndexOf(':', StringComparison.Ordinal) + 1)..] : root.Service;
        SuspectChange? suspect = await changes.TellBefore(story, tenant, sender, null, digest.EnvironmentsOf(root.Service), Math.Min(start, began + Minute), cancel);
        story.Next(edge.Fix);
        owners.Tell(story, sender);
        story.Answer = $"{root.Service} {root.Operation} went well, but lost the context of {(edge.From is null ? "its sender" : sender)}; that began about {Wording.Time(began)}{With(suspect)}.";
        return true;
    }

    private async Task<bool> TellSurge(Story story, string tenant, TraceDigest digest, DigestSpan root, long start, CancellationToken cancel)
    {
        List<OperationMinute> history = await operations.History(tenant, new TimeRange(start - Hour, start + Minute), root.Service, root.Operation, null, cancel);
        var byMinute = history.GroupBy(minute => minute.UnixSeconds).Select(minute => ((long)minute.Key, minute.Sum(of => of.Requests))).OrderBy(minute => minute.Item1).ToList();
        if (Surge.Find(byMinute, start / Second) is not { } surge) return false;
        story.LedTo("warning", $"{root.Service} {root.Operation} begins far more often than it did: {Wording.Count(surge.Now)} times a minute since {Wording.Time(surge.BeganUnixSeconds * Second)}, against {Wording.Count(surge.Usual)} before.",
            new("figure", "before", $"{Wording.Count(surge.Usual)} a minute"), new("figure", "now", $"{Wording.Count(surge.Now)} a minute"));
        SuspectChange? suspect = await changes.TellBefore(story, tenant, root.Service, null, digest.EnvironmentsOf(root.Service), Math.Min(start, (surge.BeganUnixSeconds * Second) + Minute), cancel);
        owners.Tell(story, root.Service);
        story.Answer = $"{root.Service} {root.Operation} went well, but begins {Wording.Count(surge.Now)} times a minute instead of {Wording.Count(surge.Usual)}; that began about {Wording.Time(surge.BeganUnixSeconds * Second)}{With(suspect)}.";
        return true;
    }

    private static string With(SuspectChange? suspect) => suspect is null ? "" : $", with \"{SuspectChanges.Title(suspect.Change)}\"{(suspect.Change.Author is { } author ? $" by {author}" : "")}";
}
