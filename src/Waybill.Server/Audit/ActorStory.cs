using System.Globalization;
using Waybill.Batches;
using Waybill.Changes;
using Waybill.Graph;
using Waybill.Ledger;
using Waybill.Traces;
using Waybill.Web;
using Waybill.Why;

namespace Waybill.Audit;

/// <summary>An attempt to get in.</summary>
public sealed record SignIn(string TimeUnixNano, string Outcome, string? Address, string? Session, long Number);

/// <summary>What somebody did of one kind.</summary>
/// <param name="Failed">Of <see cref="Count"/>: refused or failed.</param>
/// <param name="Resources">The latest of what it was done to.</param>
public sealed record ActivityLine(string Action, long Count, long Failed, string FirstUnixNano, string LastUnixNano, IReadOnlyList<string> Resources);

/// <summary>A change whose author it was.</summary>
public sealed record AuthoredChange(string ChangeId, string Kind, string? Summary, string? Service, string StartedUnixNano);

/// <summary>A request that was made in the actor's name: its trace carries it as its user, or an audit event names the trace.</summary>
public sealed record ActorRequest(string TraceId, string Service, string Name, string StartUnixNano, long DurationNano, long Errors);

/// <summary>The story of one actor: signed in from where, did what, through which requests, read and changed which data.</summary>
/// <param name="Summary">All of it in one or two sentences.</param>
/// <param name="Did">Acts that are no reads.</param>
public sealed record ActorAnswer(
    string Actor, string Status, IReadOnlyList<PartialReason> Reasons, string Summary, IReadOnlyList<SignIn> SignIns, IReadOnlyList<ActivityLine> Did, IReadOnlyList<ActivityLine> Read,
    IReadOnlyList<AuthoredChange> Changed, IReadOnlyList<ActorRequest> Requests, IReadOnlyList<Suspicion> Suspicions);

/// <summary>Puts together what is known of an actor: from the ledger, from changes, and from the traces of its requests.</summary>
public sealed class ActorStory(LedgerTable ledger, ActivityTable activities, ChangeTable changes, LookUpTable lookUp, TraceEndTable ends, Suspicions suspicions, EntryRedaction redaction)
{
    private const int SignInsMax = 100, ActivitiesMax = 200, ChangesMax = 50, RequestsMax = 50;
    private static readonly string[] SignInActions = ["user.sign-in", "authentication"], UserKeys = ["s:user.id", "s:user.name", "s:enduser.id", "s:enduser.pseudo.id", "s:user.email"];

    /// <summary>The spellings under which an actor may have been written down.</summary>
    public string[] NamesOf(string actor) => [.. new[] { actor, redaction.Text(actor, "actor") }.Distinct()];

    public async Task<ActorAnswer> Tell(string tenant, string actor, TimeRange range, CancellationToken cancel)
    {
        string[] names = NamesOf(actor);
        var reasons = new List<PartialReason>();
        var signIns = new List<StoredEntry>();
        foreach (string action in SignInActions) signIns.AddRange(await ledger.Read(tenant, range, new LedgerFilter(Actors: names, Action: action), SignInsMax, cancel));
        List<Activity> all = await activities.Of(tenant, range, names, ActivitiesMax, cancel);
        if (all.Count >= ActivitiesMax) reasons.Add(new PartialReason("limit", $"The {ActivitiesMax} commonest kinds of acts are shown."));
        ActivityLine[] lines = [.. all.GroupBy(activity => activity.Action).Select(Line).OrderByDescending(line => line.Count)];
        ChangePage authored = await changes.Read(tenant, range, new ChangeFilter { Authors = names }, ChangesMax, null, cancel);
        ActorRequest[] requests = await Requests(tenant, names, range, cancel);
        if (requests.Length >= RequestsMax) reasons.Add(new PartialReason("limit", $"The latest {RequestsMax} requests are shown."));
        var (found, more) = await suspicions.Find(tenant, range, names, cancel);
        reasons.AddRange(more);
        SignIn[] seen = [.. signIns.OrderByDescending(stored => stored.Entry.TimeUnixNano).Select(stored =>
            new SignIn($"{stored.Entry.TimeUnixNano}", stored.Entry.Outcome, stored.Entry.Actor.Address, stored.Entry.Actor.Session, (long)stored.Number))];
        ActivityLine[] did = [.. lines.Where(line => !IsRead(line.Action))], read = [.. lines.Where(line => IsRead(line.Action))];
        return new ActorAnswer(actor, reasons.Count == 0 ? "complete" : "partial", reasons, Summarize(actor, seen, did, read, authored.Changes.Count, requests, found), seen, did, read,
            [.. authored.Changes.Select(change => new AuthoredChange(change.Id, change.Kind, change.Summary, change.Service, change.StartedUnixNano))], requests, found);
    }

    private async Task<ActorRequest[]> Requests(string tenant, string[] names, TimeRange range, CancellationToken cancel)
    {
        var traces = new HashSet<TraceId>();
        foreach (string name in names)
            foreach (var (trace, _) in await lookUp.TracesWith(tenant, UserKeys, name, range.SinceUnixNano / 1_000_000_000, RequestsMax, cancel)) traces.Add(trace);
        foreach (StoredEntry stored in await ledger.Read(tenant, range, new LedgerFilter(Actors: names, Kind: EntryRedaction.External), RequestsMax, cancel))
            if (stored.Entry.TraceId is { } id && TraceId.TryParse(id, out TraceId trace)) traces.Add(trace);
        if (traces.Count == 0) return [];
        return [.. (await ends.Lines(tenant, traces, cancel)).Values.Where(line => line.StartUnixNano < range.UntilUnixNano).OrderByDescending(line => line.StartUnixNano).Take(RequestsMax)
            .Select(line => new ActorRequest(line.Id.ToString(), line.RootService, line.RootName, $"{line.StartUnixNano}", line.DurationNano, line.ErrorCount))];
    }

    private static bool IsRead(string action) => action.EndsWith(".read", StringComparison.Ordinal) || action.EndsWith(".export", StringComparison.Ordinal);

    private static ActivityLine Line(IGrouping<string, Activity> of) => new(of.Key, of.Sum(activity => activity.Count), of.Where(activity => activity.Outcome != "done").Sum(activity => activity.Count),
        $"{of.Min(activity => activity.FirstUnixNano)}", $"{of.Max(activity => activity.LastUnixNano)}", [.. of.SelectMany(activity => activity.Resources).Distinct().Where(resource => resource.Length > 0).Take(20)]);

    private static string Summarize(string actor, SignIn[] signIns, ActivityLine[] did, ActivityLine[] read, int changes, ActorRequest[] requests, List<Suspicion> suspicions)
    {
        var parts = new List<string>();
        SignIn[] good = [.. signIns.Where(signIn => signIn.Outcome == "done")];
        string[] addresses = [.. signIns.Select(signIn => signIn.Address).OfType<string>().Distinct()];
        if (good.Length > 0) parts.Add($"signed in {Times(good.Length)}{(addresses.Length == 1 ? $" from {addresses[0]}" : addresses.Length > 1 ? $" from {addresses.Length} addresses" : "")}");
        if (signIns.Length > good.Length) parts.Add($"failed to sign in {Times(signIns.Length - good.Length)}");
        ActivityLine[] acts = [.. did.Where(line => !SignInActions.Any(action => line.Action == action || line.Action.StartsWith(action + ".", StringComparison.Ordinal)))];
        if (acts.Length > 0) parts.Add($"did {acts.Sum(line => line.Count).ToString("N0", CultureInfo.InvariantCulture)} acts ({Wording.List(acts.Take(3).Select(line => line.Action))})");
        if (read.Length > 0) parts.Add($"read {read.Sum(line => line.Count).ToString("N0", CultureInfo.InvariantCulture)} times ({Wording.List(read.Take(3).Select(line => line.Action.Replace(".read", "", StringComparison.Ordinal)))})");
        if (changes > 0) parts.Add($"made {changes} {(changes == 1 ? "change" : "changes")}");
        if (requests.Length > 0) parts.Add($"sent {requests.Length} {(requests.Length == 1 ? "request" : "requests")} that left a trace, {requests.Count(request => request.Errors > 0)} of them with errors");
        if (parts.Count == 0) return $"Nothing is known of {actor} in this time.";
        return $"{actor} {Wording.List(parts)}.{(suspicions.Count > 0 ? $" Suspicious: {suspicions[0].Sentence}" : "")}";
    }

    private static string Times(int count) => count switch { 1 => "once", 2 => "twice", _ => $"{count} times" };
}
