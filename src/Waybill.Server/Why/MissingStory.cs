using Waybill.Batches;
using Waybill.Graph;
using Waybill.Ingest;
using Waybill.Storage;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Why;

/// <summary>Why something is not there: what was looked at, in order, and what is likeliest.</summary>
public sealed class MissingStory(
    TraceReader traces, TraceTable traceTable, LinkTable links, LookUpTable lookUp, StorageHost storage, IngestCounters counters, Refusals refusals, Senders senders, TimeProvider clock)
{
    private const int RefusalsShown = 3;

    /// <param name="trace">The id as a trace id; null when it cannot be one.</param>
    internal async Task Tell(Story story, string tenant, string question, TraceId? trace, CancellationToken cancel)
    {
        if (trace is { } id && await TellTrace(story, tenant, id, cancel)) return;

        TellRefusals(story, out bool refused);
        (long Rejected, string Reasons) rejected = TellRejected(story);
        bool quarantined = Names.Signals.Any(signal => counters.Quarantined(signal) > 0);
        double lag = SpoolLagSeconds();
        if (lag > Completeness.Settling.TotalSeconds) story.Checked("warning", $"The store is {Wording.Duration(lag * 1e9)} behind: what arrived since then is durable but not searchable yet.", Status("spool lag", $"{lag:0} s"));
        if (storage.Inserts.Status.SetAside > 0) story.Checked("warning", $"{Wording.Count(storage.Inserts.Status.SetAside, "segment")} of the spool could not be inserted and lies in its quarantine.", Status("set aside", $"{storage.Inserts.Status.SetAside}"));
        if (storage.Spool.Status.QuarantinedFiles > 0) story.Checked("warning", $"{Wording.Count(storage.Spool.Status.QuarantinedFiles, "damaged spool file")} was put aside since the start.", Status("quarantined files", $"{storage.Spool.Status.QuarantinedFiles}"));
        if (await lookUp.OldestSpan(tenant, cancel) is { } oldest) story.Checked("info", $"The oldest span stored is of {Wording.Time(oldest * 1_000_000_000)}; what happened before that is not kept.", new StepEvidence("figure", "oldest span", Wording.Time(oldest * 1_000_000_000)));
        else story.Checked("warning", "No span at all is stored: nothing was sent here, or to another tenant.", Status("senders", $"{senders.Count}"));

        string what = trace is null ? "the id" : $"trace {trace}";
        (string verdict, string sentence) =
            lag > Completeness.Settling.TotalSeconds ? ("in_spool", $"Nothing of {what} is searchable; the store is {Wording.Duration(lag * 1e9)} behind, so it may have arrived and wait in the spool.") :
            refused || rejected.Rejected > 0 ? ("refused", $"Nothing of {what} is stored. Something was refused or rejected lately ({(refused ? refusals.Latest(1)[0].Reason : rejected.Reasons)}), so it may have been among that.") :
            quarantined ? ("quarantined", $"Nothing of {what} is stored under this id; some items have impossible times and are in quarantine.") :
            ("never_received", $"Nothing of {what} was received as far as is known: it was never sent here, was dropped before it came here, or is older than what is kept.");
        story.Missing = new MissingVerdict(trace is null && verdict == "never_received" && question.Length < 4 ? "unknown_kind" : verdict, sentence, Certain: false);
        story.Answer = sentence;
        story.Next("Send it again, or send a test trace: waybill send.", Status("what arrives, from whom, and what was refused", null));
        story.Next("Check the sender: OTEL_EXPORTER_OTLP_ENDPOINT and _PROTOCOL, its sampler, and a Collector between that may drop; waybill doctor checks this side.");
    }

    /// <summary>What is certain of a trace id: it waits, it is in quarantine, or others name it.</summary>
    private async Task<bool> TellTrace(Story story, string tenant, TraceId id, CancellationToken cancel)
    {
        if (traces.Received(tenant, id))
            return Certain(story, "in_spool", $"Spans of trace {id} were received and are durable, but not searchable yet: the store is {Wording.Duration(SpoolLagSeconds() * 1e9)} behind. Ask again in a second.", Status("spool lag", $"{SpoolLagSeconds():0.#} s"));
        if ((await traceTable.ReadQuarantined(tenant, id, skeleton: true, 1, cancel)).Count > 0)
            return Certain(story, "quarantined", $"Spans of trace {id} carry times that cannot be right, and are in quarantine.", new StepEvidence("trace", "the spans", id.ToString(), $"/api/traces/{id}"));
        if ((await traceTable.FindExtent(tenant, id, cancel)).Spans is { } extent)
            return Certain(story, "expired", $"Trace {id} was stored: its spans were of {Wording.Time(extent.First * 1_000_000_000L)}. They are gone: expired, sampled out or deleted.", new StepEvidence("figure", "when it was", Wording.Time(extent.First * 1_000_000_000L)));
        List<Backlink> pointing = await links.To(tenant, [id], 5, cancel);
        if (pointing.Count == 0) return false;
        return Certain(story, "context_lost", $"No span of trace {id} was received, but {Wording.Count(pointing.Count, "span")} of other traces {(pointing.Count == 1 ? "links" : "link")} to it: it existed, and was sampled out by its sender or sent elsewhere.",
            [.. pointing.Select(link => new StepEvidence("trace", "links to it", link.From.ToString(), $"/api/traces/{link.From}"))]);
    }

    /// <summary>A span whose children are here but which is not itself.</summary>
    internal static void TellMissingSpan(Story story, TraceId trace, SpanId span, IReadOnlyList<string> children)
    {
        Certain(story, "context_lost", $"Span {span} was not received, but {Wording.List(children)} name it as parent: the context was lost at that edge.",
            new StepEvidence("trace", "the trace", trace.ToString(), $"/api/traces/{trace}"), new StepEvidence("edge", "lost context", null, "/api/lost-context"));
    }

    private static bool Certain(Story story, string verdict, string sentence, params StepEvidence[] evidence)
    {
        story.Missing = new MissingVerdict(verdict, sentence, Certain: true);
        story.Checked(verdict == "in_spool" ? "info" : "warning", sentence, evidence);
        story.Answer = sentence;
        return true;
    }

    private void TellRefusals(Story story, out bool refused)
    {
        RefusedRequest[] latest = refusals.Latest(RefusalsShown);
        refused = latest.Length > 0 && clock.GetUtcNow() - latest[0].At < TimeSpan.FromHours(1);
        foreach (RefusedRequest request in latest)
            story.Checked("warning", $"A request{(request.Peer is { } peer ? $" from {peer}" : "")} was refused at {request.At:yyyy-MM-dd HH:mm:ss} UTC ({request.Reason}): {request.Fix}", Status(request.Reason, $"{request.HttpStatus}"));
        if (latest.Length == 0) story.Checked("info", "No request was refused since the server started.", Status("refusals", "0"));
    }

    private (long, string) TellRejected(Story story)
    {
        var rejected = (from signal in Names.Signals from reason in Enum.GetValues<Rejection>() let items = counters.Rejected(signal, reason) where items > 0
            select (Signal: signal, Reason: Remarks.Label(reason), Items: items)).ToArray();
        foreach (var of in rejected) story.Checked("warning", $"{Wording.Count(of.Items)} {of.Signal.Items()} were rejected since the start because of {of.Reason.Replace('_', ' ')}.", Status(of.Reason, $"{of.Items}"));
        return (rejected.Sum(of => of.Items), Wording.List(rejected.Select(of => of.Reason).Distinct()));
    }

    private double SpoolLagSeconds() => storage.Spool.Status.OldestRecordUnixNano is { } oldest ? Math.Max(0, (clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000 - oldest) / 1e9) : 0;

    private static StepEvidence Status(string label, string? value) => new("figure", label, value, "/api/status");
}
