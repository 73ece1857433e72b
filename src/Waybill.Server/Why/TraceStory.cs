using Waybill.Batches;
using Waybill.Digests;
using Waybill.Graph;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Why;

/// <summary>The story of one trace: where it failed or what it waited for, whether that is usual, and what changed before.</summary>
public sealed class TraceStory(DigestReader digests, OperationTable operations, OriginTable origins, ChangeStory changes, BeginningStory beginnings, Owners owners, TimeProvider clock)
{
    private const long Hour = 3_600_000_000_000, Minute = 60_000_000_000;
    private const double SlowFactor = 2, LongestShareMin = 0.5, UsualRequestsMin = 20, VersionSurpriseMin = 4;
    private const int ExamplesMax = 3;

    /// <returns>False when nothing of the trace is stored.</returns>
    internal async Task<bool> Tell(Story story, string tenant, TraceId id, SpanId? span, CancellationToken cancel)
    {
        (TraceAnswer Answer, TraceDigest Digest)? read = await digests.ReadWithTrace(tenant, id, cancel);
        if (read is not { } found) return false;
        TraceDigest digest = found.Digest;
        story.Trace = id;
        story.Reasons.AddRange(digest.Reasons.Where(reason => reason.Reason != "parent_not_received"));
        if (digest.Root is not { } root)
        {
            story.Happened("warning", $"Only log records of trace {id} are stored; no span of it was received.", TraceLink(digest));
            return true;
        }
        if (span is { } asked) TellSpan(story, found.Answer, asked);
        if (digest.FirstError is { } error) await TellFailure(story, tenant, digest, root, error, cancel);
        else if (!await TellTime(story, tenant, digest, root, cancel) && !await beginnings.Tell(story, tenant, digest, root, cancel))
            await changes.TellAround(story, tenant, [.. digest.Services.Select(service => service.Service)], Nano(digest.StartUnixNano), cancel);
        TellContext(story, digest);
        return true;
    }

    private async Task TellFailure(Story story, string tenant, TraceDigest digest, DigestSpan root, FirstError error, CancellationToken cancel)
    {
        long start = Nano(digest.StartUnixNano), now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        bool whole = error.Path[0] == $"{root.Service} {root.Operation}";
        story.Happened("error", $"{root.Service} {root.Operation} {(whole ? "failed" : "was answered, but a part of it failed")} at {Wording.Time(start)}, after {Wording.Duration(digest.DurationNano)} in {Wording.Count(digest.Services.Count, "service")}.",
            TraceLink(digest), new("figure", "failed spans", Wording.Count(digest.ErrorCount)));

        string place = $"{error.Service} {error.Operation}", what = What(error);
        if (error.Path.Count > 1) story.LedTo("error", $"{string.Join(" failed because ", error.Path)} failed{what}.", SpanLink(digest, error));
        story.LedTo("error", $"It began in {place}{Where(error)}{(error.Path.Count > 1 ? "" : $", which failed{what}")}.", SpanLink(digest, error),
            new("exception", error.ErrorType ?? "error", error.Message, $"/api/exceptions?service={Uri.EscapeDataString(error.Service)}"));

        var range = new TimeRange(start - Hour, Math.Min(start + 15 * Minute, Math.Max(now, start + 1)));
        Task<List<SameFailure>> same = operations.Failures(tenant, range, error.Service, error.Operation, 200, cancel);
        // Another failure of the same operation, an hour ago, has another beginning. What only an exception names has no type of its own in the spans.
        List<OperationMinute> history = await operations.History(tenant, range, error.Service, error.Operation, error.ErrorType, cancel);
        bool ofType = history.Exists(minute => minute.Errors > 0);
        if (!ofType) history = await operations.History(tenant, range, error.Service, error.Operation, null, cancel);
        Onset? onset = Onset.Find(history);
        TellHistory(story, ofType && error.ErrorType is { } type ? $"{place} with {type}" : place, history, onset);
        await TellVersions(story, tenant, place, error, history, cancel);

        long failedAt = Nano(error.TimeUnixNano), began = onset?.LatestUnixNano(failedAt) ?? failedAt;
        SuspectChange? suspect = await changes.TellBefore(story, tenant, error.Service, error.Version, digest.EnvironmentsOf(error.Service), began, cancel);
        TellOthers(story, digest, place, [.. (await same).Where(failure => !ofType || failure.ErrorType == error.ErrorType)]);
        owners.Tell(story, error.Service);
        TellNext(story, digest, error, suspect);
        story.Answer = $"{root.Service} {root.Operation} {(whole ? "failed" : "failed in part")} because {place} failed{what}" +
            (onset is null ? "" : $"; that began about {Wording.Time(onset.UnixSeconds * 1_000_000_000L)}") +
            (suspect is null ? "." : $", {(suspect.Change.StartedNano <= began ? $"{Wording.Duration(began - suspect.Change.StartedNano)} after" : "with")} \"{SuspectChanges.Title(suspect.Change)}\"{(suspect.Change.Author is { } author ? $" by {author}" : "")}.");
    }

    private static void TellHistory(Story story, string place, List<OperationMinute> history, Onset? onset)
    {
        double requests = history.Sum(minute => minute.Requests), errors = history.Sum(minute => minute.Errors);
        if (onset is not null)
            story.LedTo("warning", $"The share of failed {place} rose from {Wording.Percent(onset.RatioBefore)} of {Wording.Count(onset.RequestsBefore)} to {Wording.Percent(onset.RatioAfter)} of {Wording.Count(onset.RequestsAfter)} about {Wording.Time(onset.UnixSeconds * 1_000_000_000L)}.",
                new("figure", "before", Wording.Percent(onset.RatioBefore)), new("figure", "after", Wording.Percent(onset.RatioAfter)));
        else if (errors <= 1) story.LedTo("info", $"It is the only failure among {Wording.Count(requests, "call")} of {place} in the hour around it.", new StepEvidence("figure", "calls", Wording.Count(requests)));
        else story.LedTo("info", $"That is not new: {Wording.Percent(errors / Math.Max(1, requests))} of {Wording.Count(requests, "call")} of {place} failed in the hour around it, without a clear beginning.", new StepEvidence("figure", "failed", Wording.Count(errors)));
    }

    /// <summary>Whether only one version, or only one instance, fails.</summary>
    private async Task TellVersions(Story story, string tenant, string place, FirstError error, List<OperationMinute> history, CancellationToken cancel)
    {
        var resources = await origins.Resources(tenant, history.Select(minute => minute.Resource).Distinct(), cancel);
        var identities = resources.ToDictionary(resource => resource.Key, resource => ServiceIdentity.Of(resource.Value));
        foreach ((string part, string? own, Func<ServiceIdentity, string?> of) in new (string, string?, Func<ServiceIdentity, string?>)[]
            { ("version", error.Version, identity => identity.Version), ("instance", error.Instance, identity => identity.Instance) })
        {
            if (own is null) continue;
            var byPart = history.GroupBy(minute => identities.TryGetValue(minute.Resource, out ServiceIdentity? identity) ? of(identity) ?? "" : "")
                .ToDictionary(group => group.Key, group => (Requests: group.Sum(minute => minute.Requests), Errors: group.Sum(minute => minute.Errors)));
            if (!byPart.TryGetValue(own, out var here) || byPart.Count < 2) continue;
            double otherRequests = byPart.Values.Sum(group => group.Requests) - here.Requests, otherErrors = byPart.Values.Sum(group => group.Errors) - here.Errors;
            if (!IsWorse(here, (otherRequests, otherErrors))) continue;
            story.LedTo("warning", $"{(otherErrors == 0 ? "Only" : "Mostly")} {part} {own} fails: {Wording.Percent(here.Errors / here.Requests)} of {Wording.Count(here.Requests, "call")} of {place} there, against {Wording.Percent(otherErrors / otherRequests)} of {Wording.Count(otherRequests)} in {Wording.List(byPart.Keys.Where(key => key != own && key.Length > 0).Order(StringComparer.Ordinal))}.",
                new("figure", own, Wording.Percent(here.Errors / here.Requests)), new("figure", "others", Wording.Percent(otherErrors / otherRequests)));
            return;
        }
    }

    private static bool IsWorse((double Requests, double Errors) here, (double Requests, double Errors) other)
    {
        if (here.Requests <= 0 || other.Requests <= 0) return false;
        double pooled = (here.Errors + other.Errors) / (here.Requests + other.Requests), deviation = Math.Sqrt(pooled * (1 - pooled) * (1 / here.Requests + 1 / other.Requests));
        return deviation > 0 && (here.Errors / here.Requests - other.Errors / other.Requests) / deviation >= VersionSurpriseMin;
    }

    private static void TellOthers(Story story, TraceDigest digest, string place, List<SameFailure> same)
    {
        SameFailure[] others = [.. same.Where(failure => failure.TraceId != digest.TraceId)];
        if (others.Length == 0) return;
        story.Else("warning", $"{place} failed in {(others.Length >= 199 ? "at least " : "")}{Wording.Count(others.Length, "other trace")} within the hour around it.",
            [.. others.Take(ExamplesMax).Select(other => new StepEvidence("trace", Wording.Time(other.StartUnixNano), other.TraceId, $"/api/traces/{other.TraceId}"))]);
    }

    private static void TellNext(Story story, TraceDigest digest, FirstError error, SuspectChange? suspect)
    {
        if (suspect is { Change: { PreviousVersion: { } previous, Service: { } service } change } && change.Kind is "deployment" or "rollback")
            story.Next($"Roll {service} back to {previous} if it goes on; what changed: {change.CompareUrl ?? change.CommitUrl ?? SuspectChanges.Title(change)}.", SuspectChanges.Evidence(change));
        else if (suspect is not null)
            story.Next($"Undo or repair \"{SuspectChanges.Title(suspect.Change)}\", or show that it has nothing to do with it.", SuspectChanges.Evidence(suspect.Change));
        story.Next($"See what else differs between good and bad requests at that time.", new StepEvidence("suspect", "ranked suspects", null, $"/api/causes?trace={digest.TraceId}"),
            new StepEvidence("trace", "what led to it and what it led to", null, $"/api/graph/{digest.TraceId}:{error.SpanId}"));
    }

    /// <returns>Whether it was slow.</returns>
    private async Task<bool> TellTime(Story story, string tenant, TraceDigest digest, DigestSpan root, CancellationToken cancel)
    {
        long start = Nano(digest.StartUnixNano);
        UsualTime? usual = await Usual(tenant, start, root.Service, root.Operation, cancel);
        long rootDuration = digest.CriticalPath.FirstOrDefault(span => span.SpanId == root.SpanId)?.DurationNano ?? digest.DurationNano;
        // Of a request that always varies much, the part that most of it waited for may still be slow.
        CriticalSpan? longest = digest.CriticalPath.MaxBy(span => span.CriticalNano);
        UsualTime? ofLongest = longest is null || longest.SpanId == root.SpanId || longest.Share < LongestShareMin ? null : await Usual(tenant, start, longest.Service, longest.Operation, cancel);
        bool slow = (usual is { Requests: >= UsualRequestsMin } && rootDuration > SlowFactor * usual.P95Nano) || IsUnusual(longest, ofLongest);
        string against = usual is null ? "" : rootDuration > SlowFactor * usual.P95Nano ? $", against {Wording.Duration(usual.P50Nano)} usually (p95 {Wording.Duration(usual.P95Nano)})" : $", which is usual (p50 {Wording.Duration(usual.P50Nano)}, p95 {Wording.Duration(usual.P95Nano)})";
        story.Happened(slow ? "warning" : "info", $"{root.Service} {root.Operation} took {Wording.Duration(rootDuration)} at {Wording.Time(start)}{against}; nothing in it failed.", TraceLink(digest));
        CriticalSpan[] top = [.. digest.CriticalPath.OrderByDescending(span => span.CriticalNano).Take(slow ? 3 : 1)];
        CriticalSpan? culprit = null;
        long slowNano = 0;
        foreach (CriticalSpan span in top)
        {
            UsualTime? own = slow ? await Usual(tenant, start, span.Service, span.Operation, cancel) : null;
            bool unusual = IsUnusual(span, own);
            if (unusual && culprit is null) (culprit, slowNano) = (span, (long)(SlowFactor * own!.P95Nano));
            story.LedTo(unusual ? "warning" : "info", $"{Wording.Percent(span.Share)} of the time ({Wording.Duration(span.CriticalNano)}) was {span.Service} {span.Operation} itself{(own is null ? "" : $"; it usually takes {Wording.Duration(own.P50Nano)} in all, here {Wording.Duration(span.DurationNano)}")}.",
                new StepEvidence("span", $"{span.Service} {span.Operation}", span.SpanId, $"/api/graph/{digest.TraceId}:{span.SpanId}"));
        }
        story.Answer = slow && culprit is not null ? $"{root.Service} {root.Operation} was slow ({Wording.Duration(rootDuration)}) because {culprit.Service} {culprit.Operation} took {Wording.Duration(culprit.DurationNano)}." : null;
        if (!slow) return false;
        string service = culprit?.Service ?? (top.Length > 0 ? top[0].Service : root.Service);
        string? version = digest.Services.FirstOrDefault(of => of.Service == service) is { Versions: [var running, ..] } ? running : null;
        long began = culprit is null ? start : await TellSlowHistory(story, tenant, culprit, slowNano, start, cancel);
        SuspectChange? suspect = await changes.TellBefore(story, tenant, service, version, digest.EnvironmentsOf(service), began, cancel);
        if (suspect is not null && story.Answer is { } answer) story.Answer = $"{answer[..^1]}, {Wording.Duration(Math.Max(0, began - suspect.Change.StartedNano))} after \"{SuspectChanges.Title(suspect.Change)}\"{(suspect.Change.Author is { } author ? $" by {author}" : "")}.";
        owners.Tell(story, service);
        story.Next("See what else differs between good and bad requests at that time.", new StepEvidence("suspect", "ranked suspects", null, $"/api/causes?trace={digest.TraceId}"));
        return true;
    }

    /// <summary>The hour before; the last minutes of it belong to the same trouble, and count only where there is little else.</summary>
    private async Task<UsualTime?> Usual(string tenant, long start, string service, string operation, CancellationToken cancel) =>
        await operations.Usual(tenant, new TimeRange(start - Hour, start - 2 * Minute), service, operation, cancel) is { Requests: >= UsualRequestsMin } usual ? usual
            : await operations.Usual(tenant, new TimeRange(start - Hour, start), service, operation, cancel);

    /// <returns>When it began to be slow, at the latest.</returns>
    private async Task<long> TellSlowHistory(Story story, string tenant, CriticalSpan culprit, long slowNano, long start, CancellationToken cancel)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        var range = new TimeRange(start - Hour, Math.Min(start + 15 * Minute, Math.Max(now, start + 1)));
        if (Onset.Find(await operations.SlowHistory(tenant, range, culprit.Service, culprit.Operation, slowNano, cancel)) is not { } onset) return start;
        story.LedTo("warning", $"The share of {culprit.Service} {culprit.Operation} slower than {Wording.Duration(slowNano)} rose from {Wording.Percent(onset.RatioBefore)} of {Wording.Count(onset.RequestsBefore)} to {Wording.Percent(onset.RatioAfter)} of {Wording.Count(onset.RequestsAfter)} about {Wording.Time(onset.UnixSeconds * 1_000_000_000L)}.",
            new("figure", "before", Wording.Percent(onset.RatioBefore)), new("figure", "after", Wording.Percent(onset.RatioAfter)));
        return onset.LatestUnixNano(start);
    }

    private static bool IsUnusual(CriticalSpan? span, UsualTime? usual) => span is not null && usual is { Requests: >= UsualRequestsMin / 2 } && span.DurationNano > SlowFactor * usual.P95Nano;

    private static void TellContext(Story story, TraceDigest digest)
    {
        if (digest.OrphanCount > 0)
            story.LedTo("warning", $"{Wording.Count(digest.OrphanCount, "span")} of it {(digest.OrphanCount == 1 ? "names a parent that was" : "name parents that were")} not received: the story may have a gap there.", new StepEvidence("edge", "lost context", null, "/api/lost-context"));
        foreach (LinkedTrace cause in digest.Linked.Where(link => link.Direction == "cause").Take(ExamplesMax))
            story.LedTo("info", $"It was set off by trace {cause.TraceId} (span link).", new StepEvidence("trace", "cause", cause.TraceId, $"/api/traces/{cause.TraceId}"));
        if (digest.Linked.Count(link => link.Direction == "effect") is > 0 and var effects)
            story.Else("info", $"{Wording.Count(effects, "other trace")} followed from it (span links).",
                [.. digest.Linked.Where(link => link.Direction == "effect").Take(ExamplesMax).Select(link => new StepEvidence("trace", "effect", link.TraceId, $"/api/traces/{link.TraceId}"))]);
        if (digest.BusinessIds.FirstOrDefault(id => id.Key != BusinessIds.MessageKey) is { } business)
            story.Else("info", $"It concerns {business.Key} {business.Value}.", new StepEvidence("trace", "everything about it", business.Value, $"/api/graph/{Uri.EscapeDataString(business.Value)}"));
        foreach (SeenFlag flag in digest.Flags.Take(ExamplesMax)) story.LedTo("info", $"Feature flag {flag.Key} was {flag.Variant} in {flag.Service}.", new StepEvidence("figure", flag.Key, flag.Variant));
    }

    private static void TellSpan(Story story, TraceAnswer answer, SpanId id)
    {
        foreach (int row in answer.Trace.Tree.Order)
        {
            if (answer.Trace.Nodes[row].Id != id) continue;
            var span = new SpanView(answer.Trace, row);
            string parent = answer.Trace.Tree.Parent[row] is var above and >= 0 ? $", called by {new SpanView(answer.Trace, above).Label}"
                : answer.Trace.Tree.Place[row].HasFlag(SpanPlace.Orphan) ? $"; its parent {answer.Trace.Nodes[row].ParentId} was not received" : "";
            story.Happened(span.IsError ? "error" : "info", $"Span {id} is {span.Label}: {(span.IsError ? "it failed" : "it went well")} after {Wording.Duration(span.Node.DurationNano)}{parent}.",
                new StepEvidence("span", span.Label, id.ToString(), $"/api/traces/{answer.Id}"));
            return;
        }
        story.Checked("warning", $"Trace {answer.Id} is stored, but span {id} is not in it.");
    }

    private static string What(FirstError error) =>
        $"{(error.ErrorType is null ? "" : $" with {error.ErrorType}")}{(error.HttpStatus is { } status && status.ToString(System.Globalization.CultureInfo.InvariantCulture) != error.ErrorType ? $" (HTTP {status})" : "")}{(error.Message is null ? "" : $": {error.Message.TrimEnd('.')}")}";

    private static string Where(FirstError error)
    {
        string[] parts = [.. new[] { error.Version is null ? null : $"version {error.Version}", error.Instance is null ? null : $"instance {error.Instance}", error.Environment }.OfType<string>()];
        return parts.Length == 0 ? "" : $" ({string.Join(", ", parts)})";
    }

    private static StepEvidence TraceLink(TraceDigest digest) => new("trace", "the trace", digest.TraceId, $"/api/traces/{digest.TraceId}");

    private static StepEvidence SpanLink(TraceDigest digest, FirstError error) => new("span", $"{error.Service} {error.Operation}", error.SpanId, $"/api/graph/{digest.TraceId}:{error.SpanId}");

    internal static long Nano(string text) => (long)ulong.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
