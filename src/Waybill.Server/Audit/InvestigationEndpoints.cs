using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Redaction;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Audit;

public sealed record ActorListing([property: AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<ActiveActor> Actors);

/// <param name="Rules">The rules in force.</param>
/// <param name="Errors">What is wrong with the rules file's last version; the one before stays in force.</param>
public sealed record SuspicionListing(
    [property: AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<Suspicion> Suspicions, IReadOnlyList<SuspicionRule> Rules, IReadOnlyList<RuleError> Errors);

/// <summary>Who did what, and what of it looks wrong.</summary>
internal static class InvestigationEndpoints
{
    private const int ActorsDefault = 100, ActorsMax = 1_000, NameMax = 1_000;
    private const long DayNano = 24L * 3_600 * 1_000_000_000;

    public static void MapInvestigation(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/audit/actors", ListActors).On(Listener.Console).Needs(Permission.LedgerRead)
            .WithSummary("Who did anything, the busiest first; without since: in the last 24 hours")
            .WithTimeRange().WithNumber("limit", "Actors at most.", 1, ActorsMax, ActorsDefault)
            .Produces<ActorListing>();
        app.MapGet("/api/audit/actors/{actor}", TellActor).On(Listener.Console).Needs(Permission.LedgerRead)
            .WithSummary("The story of one actor: signed in from where, did what, through which requests, read and changed which data; without since: of the last 24 hours")
            .WithPath("actor", "The name of a user or token, or whom another system named.").WithTimeRange()
            .Produces<ActorAnswer>();
        app.MapGet("/api/audit/suspicions", ListSuspicions).On(Listener.Console).Needs(Permission.LedgerRead)
            .WithSummary("What the rules find suspicious in what was done: many failures and then a success, first access to a set of data, unusual volume; without since: in the last 24 hours")
            .WithTimeRange().WithText("actor", "Only of this actor.")
            .Produces<SuspicionListing>();
    }

    private static async Task ListActors(HttpContext http, ActivityTable table, TimeProvider clock)
    {
        if (await ReadRange(http, clock) is not { } range) return;
        if (Problems.ReadInt(http, "limit", 1, ActorsMax, ActorsDefault, out int limit) is { } bad)
        {
            await Problems.BadRequest(http, "limit", bad);
            return;
        }
        List<ActiveActor> actors = await table.Actors(http.Tenant(), range, limit + 1, http.RequestAborted);
        bool more = actors.Count > limit;
        await http.Response.WriteAsJsonAsync(new ActorListing(more ? "partial" : "complete", more ? [new PartialReason("limit", $"There are more; the busiest {limit} are shown.")] : [], [.. actors.Take(limit)]), http.RequestAborted);
    }

    private static async Task TellActor(HttpContext http, string actor, ActorStory story, TimeProvider clock)
    {
        if (await ReadRange(http, clock) is not { } range) return;
        string name = actor.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (name.Length > NameMax) await Problems.BadRequest(http, "actor", $"A name has at most {NameMax} characters.");
        else await http.Response.WriteAsJsonAsync(await story.Tell(http.Tenant(), name, range, http.RequestAborted), http.RequestAborted);
    }

    private static async Task ListSuspicions(HttpContext http, Suspicions suspicions, ActorStory story, TimeProvider clock)
    {
        if (await ReadRange(http, clock) is not { } range) return;
        string actor = http.Request.Query["actor"].ToString();
        var (found, reasons) = await suspicions.Find(http.Tenant(), range, actor.Length == 0 ? null : story.NamesOf(actor), http.RequestAborted);
        var (rules, errors) = suspicions.Rules();
        await http.Response.WriteAsJsonAsync(new SuspicionListing(reasons.Count == 0 ? "complete" : "partial", reasons, found, rules, errors), http.RequestAborted);
    }

    /// <returns>Null when the answer is written: a time was wrong.</returns>
    private static async Task<TimeRange?> ReadRange(HttpContext http, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return null;
        }
        return string.IsNullOrEmpty(http.Request.Query["since"]) ? range with { SinceUnixNano = range.UntilUnixNano - DayNano } : range;
    }
}
