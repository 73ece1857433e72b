using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Causes;
using Waybill.Comparisons;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Verdicts;

/// <summary>Flagger's webhook body, as far as it is read.</summary>
public sealed record FlaggerCall(string? Name, string? Namespace, string? Phase, Dictionary<string, string>? Metadata);

public static class VerdictEndpoints
{
    private const long WindowDefaultNano = 900_000_000_000;

    public static void AddVerdicts(this IServiceCollection services) => services.AddSingleton<ExceptionTable>();

    public static void MapVerdicts(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/verdict", GetVerdict).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("Whether a version of a service should be promoted, held or rolled back, and why")
            .WithTimeRange()
            .WithText("service", "The service.", required: true)
            .WithText("version", "The new version.", required: true)
            .WithText("against", "The version it is compared with. Default: the one that served most in the same time.")
            .WithFlag("gate", "Answer 412 for rollback and 425 for hold, for those who read only the status.")
            .Produces<VersionVerdict>();
        app.MapPost("/api/verdict/flagger", PostFlagger).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("The verdict as a webhook of Flagger: 200 lets the rollout go on, 412 stops it")
            .Accepts<FlaggerCall>("application/json")
            .Produces<VersionVerdict>();
    }

    private static async Task GetVerdict(HttpContext http, SampleTable table, Samples samples, VersionTable versions, ExceptionTable exceptions, TimeProvider clock)
    {
        string? service = http.Request.Query["service"], version = http.Request.Query["version"], against = http.Request.Query["against"];
        bool gate = http.Request.Query["gate"] == "true";
        await Answer(http, service, version, against, gate, holds: true, table, samples, versions, exceptions, clock);
    }

    private static async Task PostFlagger(HttpContext http, FlaggerCall call, SampleTable table, Samples samples, VersionTable versions, ExceptionTable exceptions, TimeProvider clock)
    {
        var said = call.Metadata ?? [];
        // A hold is no failure to Flagger: it asks again at the next step.
        await Answer(http, said.GetValueOrDefault("service", call.Name ?? ""), said.GetValueOrDefault("version"), said.GetValueOrDefault("against"), gate: true, holds: false, table, samples, versions, exceptions, clock);
    }

    private static async Task Answer(HttpContext http, string? service, string? version, string? against, bool gate, bool holds,
        SampleTable table, Samples samples, VersionTable versions, ExceptionTable exceptions, TimeProvider clock)
    {
        if (string.IsNullOrEmpty(service) || string.IsNullOrEmpty(version))
        {
            await Problems.BadRequest(http, string.IsNullOrEmpty(service) ? "service" : "version", "service and version are both needed: the new version of which service?");
            return;
        }
        if (TimeRange.Read(http, clock, out var range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        if (string.IsNullOrEmpty(http.Request.Query["since"])) range = range with { SinceUnixNano = range.UntilUnixNano - WindowDefaultNano };
        var verdict = await Judge(http.Tenant(), service, version, against, range, table, samples, versions, exceptions, http.RequestAborted);
        if (gate && (holds || verdict.Rollback) && !verdict.Promote) http.Response.StatusCode = verdict.Rollback ? StatusCodes.Status412PreconditionFailed : 425;
        await http.Response.WriteAsJsonAsync(verdict, http.RequestAborted);
    }

    private static async Task<VersionVerdict> Judge(string tenant, string service, string version, string? against, TimeRange range,
        SampleTable table, Samples samples, VersionTable versions, ExceptionTable exceptions, CancellationToken cancel)
    {
        var known = await versions.Read(tenant, service, range, cancel);
        string other = !string.IsNullOrEmpty(against) ? against : known.Where(v => v.Key != version).OrderByDescending(v => v.Value.Spans).ThenBy(v => v.Key, StringComparer.Ordinal).FirstOrDefault().Key ?? "";
        var read = await samples.Read(tenant, new Timeline(range, new TimeRange(0, 1)), await table.Count(tenant, range, cancel), 0, cancel);
        int canary = read.Names.Find(version), baseline = read.Names.Find(other), of = read.Names.Find(service);
        var sample = SpanSample.Of(read.Names, [.. read.Spans.Select(s => s with
        {
            Side = s.Side == Side.Outside || s.Service != of ? Side.Outside : s.Version == canary ? Side.Window : s.Version == baseline ? Side.Baseline : Side.Outside,
        })]);
        var checks = Checks.Of(sample, service);
        if (checks.Count > 1) checks.Add(await exceptions.Check(tenant, service, range, known.GetValueOrDefault(version, ([], 0)).Resources, known.GetValueOrDefault(other, ([], 0)).Resources, cancel));
        string worst = Checks.WorstOf(checks);
        IReadOnlyList<PartialReason> reasons = other.Length > 0 ? [] : [new("no_baseline", $"No other version of {service} served in this time: name one with against, or widen since.")];
        return new VersionVerdict(worst, worst == Checks.Promote ? 1 : worst == Checks.Hold ? 0.5 : 0, worst == Checks.Promote, worst == Checks.Rollback, service, version, other, checks,
            (long)(checks[0].Canary ?? 0), (long)(checks[0].Baseline ?? 0), reasons.Count == 0 ? "complete" : "partial", reasons);
    }
}
