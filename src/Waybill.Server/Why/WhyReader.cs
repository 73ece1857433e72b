using System.Globalization;
using Waybill.Batches;
using Waybill.Causes;
using Waybill.Changes;
using Waybill.Graph;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Why;

/// <summary>Recognises what it is asked about, from the most certain to the vaguest, and has its story told.</summary>
public sealed class WhyReader(
    TraceStory traceStory, ChangeStory changeStory, ServiceStory serviceStory, MissingStory missing, TraceReader traces, ChangeTable changes, AliasTable aliases, TraceEndTable ends,
    AliasKeys keys, LookUpTable lookUp, Suspects suspects, TimeProvider clock)
{
    private const int ShownMax = 5, CommitChangesMax = 5, SuspectsShown = 2, VersionCharsMax = 64;
    private const long QuarterHourNano = 900_000_000_000;
    private static readonly string[] OtherKeys = ["s:user.id", "s:enduser.id", "s:enduser.pseudo.id", "s:user.email", "s:tenant.id", "s:client.address"];

    /// <param name="withSuspects">Rank suspects too: that compares hundreds of traces and takes a second, not a tenth of one.</param>
    public async Task<WhyAnswer> Read(string tenant, string question, bool withSuspects, CancellationToken cancel)
    {
        var story = new Story();
        string recognised = await TellIds(story, tenant, question, cancel) ?? await TellNames(story, tenant, question, cancel) ?? await TellTexts(story, tenant, question, cancel) ?? "missing";
        if (recognised == "missing") await missing.Tell(story, tenant, question, AsTrace(question), cancel);
        if (withSuspects) await TellSuspects(story, tenant, cancel);
        return story.Finish(question, recognised);
    }

    private async Task TellSuspects(Story story, string tenant, CancellationToken cancel)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        if (story.Trace is null && story.Service is null) return;
        CauseQuestion asked = new(new TimeRange(now - QuarterHourNano, now), Service: story.Trace is null ? story.Service : null, Trace: story.Trace, Limit: SuspectsShown);
        string link = story.Trace is { } trace ? $"/api/causes?trace={trace}" : $"/api/causes?service={Uri.EscapeDataString(story.Service!)}";
        foreach (Suspect suspect in (await suspects.Rank(tenant, asked, cancel)).Suspects)
            story.LedTo("warning", $"Compared with its like: {suspect.Sentence.TrimEnd('.')}.",
                new StepEvidence("suspect", suspect.Kind, suspect.Score.ToString("0.00", CultureInfo.InvariantCulture), link));
    }

    private async Task<string?> TellIds(Story story, string tenant, string question, CancellationToken cancel)
    {
        if (question.Split(':') is [var first, var second] && TraceId.TryParse(first, out TraceId trace) && SpanId.TryParse(second, out SpanId span))
        {
            if (!await traceStory.Tell(story, tenant, trace, span, cancel)) return null;
            await TellOrphansOf(story, tenant, trace, span, cancel);
            return "span";
        }
        if (AsTrace(question) is { } id && await traceStory.Tell(story, tenant, id, null, cancel)) return "trace";
        if (await changes.Find(tenant, question, cancel) is { } change)
        {
            await changeStory.Tell(story, tenant, change, cancel);
            return "change";
        }
        if (await TellBusinessId(story, tenant, question, cancel) is { } business) return business;
        if (question.Length == 16 && SpanId.TryParse(question, out SpanId lone) && await lookUp.TraceOfSpan(tenant, lone, Since(24), cancel) is { } holder)
        {
            await traceStory.Tell(story, tenant, holder, lone, cancel);
            return "span";
        }
        if (question.Length is >= 7 and <= 64 && question.All(char.IsAsciiHexDigit) && await TellCommit(story, tenant, question.ToLowerInvariant(), cancel)) return "commit";
        return question.IndexOf('-', StringComparison.Ordinal) is > 17 and var dash && long.TryParse(question[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out long at)
            && await TellLogs(story, tenant, await lookUp.LogsAt(tenant, at, cancel), cancel) ? "log" : null;
    }

    private async Task<string?> TellNames(Story story, string tenant, string question, CancellationToken cancel)
    {
        string name = question.StartsWith("service:", StringComparison.Ordinal) ? question[8..] : question;
        if (await lookUp.IsService(tenant, name, cancel))
        {
            await serviceStory.Tell(story, tenant, name, cancel);
            return "service";
        }
        if (await lookUp.Instances(tenant, question, cancel) is { Count: > 0 } instances)
        {
            await serviceStory.TellInstance(story, tenant, instances, cancel);
            return "instance";
        }
        if (AsTrace(question) is not null) return null;   // 32 digits are no exception's name and no version, and looking for one costs a scan
        if (await TellVersion(story, tenant, question, cancel)) return "version";
        List<KnownException> exceptions = await lookUp.Exceptions(tenant, question, cancel);
        if (exceptions.Count == 0) exceptions = await lookUp.Failures(tenant, question, Since(24), cancel);
        if (exceptions.Count == 0) return null;
        await TellException(story, tenant, exceptions, cancel);
        return "exception";
    }

    private async Task<string?> TellTexts(Story story, string tenant, string question, CancellationToken cancel)
    {
        // Business ids were looked up by their own index; of these keys each that there is costs reading one granule in a hundred.
        List<string> typed = await lookUp.KeysOf(tenant, OtherKeys, Since(24), cancel);
        List<(TraceId Trace, string Key)> carrying = typed.Count == 0 ? [] : await lookUp.TracesWith(tenant, typed, question, Since(24), 50, cancel);
        if (carrying.Count > 0)
        {
            await TellTraces(story, tenant, $"{carrying[0].Key[2..]} {question}", [.. carrying.Select(of => of.Trace).Distinct()], cancel);
            return "attribute";
        }
        if (question.Length < 4 || AsTrace(question) is not null) return null;
        return await TellLogs(story, tenant, await lookUp.LogsWith(tenant, question, Since(1), cancel), cancel) ? "log" : null;
    }

    private async Task<string?> TellBusinessId(Story story, string tenant, string question, CancellationToken cancel)
    {
        GraphFocus? focus = await GraphFocus.Find(tenant, question, aliases, keys, cancel);
        if (focus is null or { Aliases.Count: 0 }) return null;
        AliasedTrace first = focus.Aliases[0];
        await TellTraces(story, tenant, $"{first.Key} {first.Value}", focus.Traces, cancel);
        return focus.Kind;
    }

    /// <summary>The traces of something, in order of time, and the story of the first that failed (else of the last).</summary>
    private async Task TellTraces(Story story, string tenant, string what, IReadOnlyList<TraceId> found, CancellationToken cancel)
    {
        TraceLine[] lines = [.. (await ends.Lines(tenant, found, cancel)).Values.OrderBy(line => line.StartUnixNano)];
        if (lines.Length == 0)
        {
            story.Missing = new MissingVerdict("expired", $"{what} was seen in {Wording.Count(found.Count, "trace")}, but none of them is stored any more: expired, sampled out or deleted.", Certain: true);
            story.Checked("warning", story.Missing.Sentence);
            return;
        }
        int failed = lines.Count(line => line.ErrorCount > 0);
        long span = lines.Max(line => line.StartUnixNano + line.DurationNano) - lines[0].StartUnixNano;
        story.Happened(failed > 0 ? "error" : "info", $"{what} went through {Wording.Count(lines.Length, "trace")} in {Wording.Count(lines.SelectMany(line => line.Services).Distinct().Count(), "service")} over {Wording.Duration(span)}; {(failed == 0 ? "nothing failed" : $"{Wording.Count(failed)} had failures")}.",
            [new StepEvidence("trace", "all of it as one graph", null, $"/api/graph/{Uri.EscapeDataString(what[(what.IndexOf(' ', StringComparison.Ordinal) + 1)..])}"),
             .. lines.Take(ShownMax).Select(line => new StepEvidence("trace", $"{line.RootService} {line.RootName}", line.Id.ToString(), $"/api/traces/{line.Id}"))]);
        TraceLine told = lines.FirstOrDefault(line => line.ErrorCount > 0) ?? lines[^1];
        await traceStory.Tell(story, tenant, told.Id, null, cancel);
        if (failed == 0) story.Answer = null;
    }

    private async Task TellOrphansOf(Story story, string tenant, TraceId trace, SpanId span, CancellationToken cancel)
    {
        TraceAnswer? answer = await traces.Read(tenant, trace, skeleton: true, 100_000, 0, cancel);
        if (answer is null || answer.Trace.Nodes.Any(node => node.Id == span)) return;
        string[] children = [.. answer.Trace.Tree.Order.Where(row => answer.Trace.Nodes[row].ParentId == span).Select(row => new Digests.SpanView(answer.Trace, row).Label).Distinct()];
        if (children.Length > 0) MissingStory.TellMissingSpan(story, trace, span, children);
    }

    private async Task<bool> TellCommit(Story story, string tenant, string commit, CancellationToken cancel)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        ChangePage page = await changes.Read(tenant, new TimeRange(0, now), new ChangeFilter { CommitPrefix = commit }, CommitChangesMax, null, cancel);
        if (page.Changes.Count == 0) return false;
        story.Happened("info", $"Commit {commit[..Math.Min(12, commit.Length)]} reached {Wording.Count(page.Changes.Count, "change")}: {Wording.List(page.Changes.Select(change => $"\"{SuspectChanges.Title(change)}\""))}.",
            [.. page.Changes.Select(SuspectChanges.Evidence)]);
        await changeStory.Tell(story, tenant, page.Changes[0], cancel);
        return true;
    }

    /// <summary>A version, or SERVICE@VERSION: what brought it.</summary>
    private async Task<bool> TellVersion(Story story, string tenant, string question, CancellationToken cancel)
    {
        int at = question.LastIndexOf('@');
        string version = question[(at + 1)..];
        if (version.Length is 0 or > VersionCharsMax || !version.Any(char.IsAsciiDigit) || version.Any(char.IsWhiteSpace)) return false;
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        ChangePage page = await changes.Read(tenant, new TimeRange(0, now), new ChangeFilter { Version = version, Services = at > 0 ? [question[..at]] : [] }, CommitChangesMax, null, cancel);
        if (page.Changes.Count == 0) return false;
        story.Happened("info", $"Version {version} came with {Wording.Count(page.Changes.Count, "change")}: {Wording.List(page.Changes.Select(change => $"\"{SuspectChanges.Title(change)}\""))}.", [.. page.Changes.Select(SuspectChanges.Evidence)]);
        await changeStory.Tell(story, tenant, page.Changes[0], cancel);
        return true;
    }

    private async Task TellException(Story story, string tenant, List<KnownException> exceptions, CancellationToken cancel)
    {
        KnownException newest = exceptions[0];
        story.Happened("error", $"{newest.Type} is thrown in {Wording.List(exceptions.Select(of => of.Service).Distinct())}; first {Wording.Time(exceptions.Min(of => of.FirstUnixSeconds) * 1_000_000_000)}, last {Wording.Time(newest.LastUnixSeconds * 1_000_000_000)}.",
            [.. exceptions.Take(ShownMax).Select(of => new StepEvidence("exception", $"{of.Service} {of.Type}", of.GroupId, ExceptionLink(of)))]);
        await changeStory.TellBefore(story, tenant, newest.Service, null, [], newest.FirstUnixSeconds * 1_000_000_000, cancel);
        story.Next($"See its stack, its traces and its trend.", new StepEvidence("exception", newest.Type, newest.GroupId, ExceptionLink(newest)));
    }

    private static string ExceptionLink(KnownException of) => of.GroupId.Length > 0 ? $"/api/exceptions/{of.GroupId}" : $"/api/traces?service={Uri.EscapeDataString(of.Service)}&error=true";

    private async Task<bool> TellLogs(Story story, string tenant, List<FoundLog> logs, CancellationToken cancel)
    {
        if (logs.Count == 0) return false;
        FoundLog newest = logs[0];
        story.Happened(newest.Severity >= 17 ? "error" : "info", $"{newest.Service} logged at {Wording.Time(newest.UnixNano)}: {newest.Body.Trim().TrimEnd('.')}.", new StepEvidence("log", newest.Service, newest.Body, $"/api/logs?since={newest.UnixNano}"));
        if (logs.Count > 1) story.Else("info", $"{(logs.Count >= 20 ? "At least " : "")}{Wording.Count(logs.Count)} log records match; this is the newest.");
        if (!newest.Trace.IsZero) await traceStory.Tell(story, tenant, newest.Trace, newest.Span.IsZero ? null : newest.Span, cancel);
        else if (newest.Service.Length > 0) await serviceStory.Tell(story, tenant, newest.Service, cancel);
        return true;
    }

    private long Since(int hours) => clock.GetUtcNow().AddHours(-hours).ToUnixTimeSeconds();

    private static TraceId? AsTrace(string question) => TraceId.TryParse(question, out TraceId id) && !id.IsZero ? id : null;
}
