using Waybill.Digests;
using Waybill.Map;
using Waybill.Web;

namespace Waybill.Why;

/// <summary>What is odd about how a trace began, when nothing in it failed or was slow: it lost the context of its cause, or begins as often as never before.</summary>
public sealed class BeginningStory(OperationTable operations, LostContextTable lost, ChangeStory changes, Owners owners)
{
    private const long Hour = 3_600_000_000_000, Minute = 60_000_000_000, Second = 1_000_000_000;
    private const int SurgeMin = 30, SurgeFactor = 4, MinutesBeforeMin = 2;

    /// <returns>Whether anything is odd.</returns>
    internal async Task<bool> Tell(Story story, string tenant, TraceDigest digest, DigestSpan root, CancellationToken cancel)
    {
        long start = TraceStory.Nano(digest.StartUnixNano);
        if (!digest.Linked.Any(link => link.Direction == "cause") && await TellLostContext(story, tenant, root, start, cancel)) return true;
        return await TellSurge(story, tenant, root, start, cancel);
    }

    private async Task<bool> TellLostContext(Story story, string tenant, DigestSpan root, long start, CancellationToken cancel)
    {
        var range = new TimeRange(start - Hour, start + 2 * Minute);
        LostEdge? edge = new LostContexts(await lost.Read(tenant, range, "", 60, cancel), []).Report(range, int.MaxValue, [], _ => null).Edges
            .FirstOrDefault(of => of.Kind == "root_without_context" && of.To == $"service:{root.Service}" && of.Operation == root.Operation);
        if (edge is null) return false;
        long began = TraceStory.Nano(edge.Points.First(point => point.LostCount > 0).TimeUnixNano);
        story.LedTo("warning", $"It does not say what caused it, though such {root.Operation} usually do: {edge.Sentence}", new StepEvidence("edge", edge.Id, null, "/api/lost-context"));
        string sender = edge.From is { } from ? from[(from.IndexOf(':', StringComparison.Ordinal) + 1)..] : root.Service;
        SuspectChange? suspect = await changes.TellBefore(story, tenant, sender, null, Math.Min(start, began + Minute), cancel);
        story.Next(edge.Fix);
        owners.Tell(story, sender);
        story.Answer = $"{root.Service} {root.Operation} went well, but lost the context of {(edge.From is null ? "its sender" : sender)}; that began about {Wording.Time(began)}{With(suspect)}.";
        return true;
    }

    private async Task<bool> TellSurge(Story story, string tenant, DigestSpan root, long start, CancellationToken cancel)
    {
        List<OperationMinute> history = await operations.History(tenant, new TimeRange(start - Hour, start + Minute), root.Service, root.Operation, null, cancel);
        var byMinute = history.GroupBy(minute => minute.UnixSeconds).Select(minute => (At: (long)minute.Key, Requests: minute.Sum(of => of.Requests))).OrderBy(minute => minute.At).ToList();
        var near = byMinute.Where(minute => Math.Abs(minute.At * Second - start) < 2 * Minute).ToList();
        if (near.Count == 0) return false;
        double most = near.Max(minute => minute.Requests);
        // The first minute after which it stays so: the time before is what is usual.
        long began = byMinute.First(minute => minute.Requests * 2 >= most).At;
        var before = byMinute.Where(minute => minute.At < began - 60).ToList();   // the minute just before may have its begin in it
        if (before.Count < MinutesBeforeMin || most < SurgeMin) return false;
        double usual = before.Sum(minute => minute.Requests) / Math.Max(before.Count, (began - 60 - before[0].At) / 60.0);
        if (most < SurgeFactor * Math.Max(1, usual)) return false;
        story.LedTo("warning", $"{root.Service} {root.Operation} begins far more often than it did: {Wording.Count(most)} times a minute since {Wording.Time(began * Second)}, against {Wording.Count(usual)} before.",
            new("figure", "before", $"{Wording.Count(usual)} a minute"), new("figure", "now", $"{Wording.Count(most)} a minute"));
        SuspectChange? suspect = await changes.TellBefore(story, tenant, root.Service, null, began * Second + Minute / 2, cancel);
        owners.Tell(story, root.Service);
        story.Answer = $"{root.Service} {root.Operation} went well, but begins {Wording.Count(most)} times a minute instead of {Wording.Count(usual)}; that began about {Wording.Time(began * Second)}{With(suspect)}.";
        return true;
    }

    private static string With(SuspectChange? suspect) => suspect is null ? "" : $", with \"{SuspectChanges.Title(suspect.Change)}\"{(suspect.Change.Author is { } author ? $" by {author}" : "")}";
}
