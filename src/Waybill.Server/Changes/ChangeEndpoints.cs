using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Changes.Inference;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Changes;

/// <summary>A page of changes, newest first.</summary>
/// <param name="NextCursor">Asks for the page after this one; null on the last.</param>
public sealed record ChangeListing(IReadOnlyList<Change> Changes, string? NextCursor, string SinceUnixNano, string UntilUnixNano, 
    [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons);

/// <summary>Where changes come in and are read.</summary>
public static class ChangeEndpoints
{
    private const int LimitDefault = 100, LimitMax = 1_000, CommitDigitsMin = 7;

    public static void AddChanges(this IServiceCollection services)
    {
        services.AddOptions<ChangeOptions>().BindConfiguration("Changes").ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChangeOptions>, ChangeOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ChangeOptions>>().Value);
        services.AddSingleton<ChangeIntake>();
        services.AddSingleton<ChangeEdge>();
        services.AddSingleton<ChangeTable>();
        services.AddSingleton<EffectTable>();
        services.AddSingleton<SightingTable>();
        services.AddSingleton<KubernetesEventTable>();
        services.AddHostedService<InferenceLoop>();
        services.AddSingleton<MetricSource>(provider => text => WriteMetrics(text, provider.GetRequiredService<ChangeIntake>()));
    }

    public static void MapChanges(this IEndpointRouteBuilder app)
    {
        Report("/v1/changes", CloudEvents.Read);
        Report("/v1/cdevents", CloudEvents.Read);
        Report("/v1/changes/github", GitHubHook.Read).SignedOtherwise();
        Report("/v1/changes/gitlab", GitLabHook.Read).SignedOtherwise();
        Report("/v1/changes/argocd", ArgoCdHook.Read).SignedOtherwise();
        app.MapGet("/api/changes", List).On(Listener.Console).Needs(Permission.ChangesRead).WithinScope()
            .WithSummary("What was changed, newest first: deployments, configuration, flags, schemas, credentials and more")
            .WithDescription("A change is listed when it was in progress at any time in the range. Without since: the last 24 hours before until.")
            .WithChangeFilter()
            .Produces<ChangeListing>();
        app.MapGet("/api/changes/{id}", Find).On(Listener.Console).Needs(Permission.ChangesRead).WithinScope()
            .WithSummary("One change, put together from all reports about it")
            .WithPath("id", "32 hexadecimal digits, or its sender's own name for it.")
            .Produces<Change>();

        app.MapEffects();

        // The edge is looked up at the first request, so that the program can be built without opening its storage.
        IEndpointConventionBuilder Report(string path, ReportReader read) => app.Map(path, http => http.RequestServices.GetRequiredService<ChangeEdge>().Post(http, read)).On(Listener.OtlpHttp).Needs(Permission.ChangesWrite);
    }

    internal static RouteHandlerBuilder WithChangeFilter(this RouteHandlerBuilder endpoint) => endpoint
        .WithTimeRange()
        .WithText("service", "Changes of these services, comma-separated.", repeated: true)
        .WithText("kind", $"Of these kinds, comma-separated: {string.Join(", ", ChangeKind.All)}.", repeated: true)
        .WithText("environment", "Of this environment.")
        .WithText("version", "To this version.")
        .WithText("commit", $"To the commit that begins so, at least {CommitDigitsMin} digits.")
        .WithText("source", "Reported by: api, cli, cdevents, github, gitlab, argocd, or inferred.")
        .WithFlag("inferred", "Only what was inferred from telemetry (true), or reported (false).")
        .WithText("cursor", "nextCursor of the page before.")
        .WithNumber("limit", "Changes on a page.", 1, LimitMax, LimitDefault);

    private static async Task List(HttpContext http, ChangeTable table, TimeProvider clock)
    {
        if (await ReadPage(http, table, clock) is not var (page, range)) return;
        await http.Response.WriteAsJsonAsync(new ChangeListing(page.Changes, page.Next?.ToString(), $"{range.SinceUnixNano}", $"{range.UntilUnixNano}", "complete", []), ApiJson.WithoutNulls, http.RequestAborted);
    }

    /// <summary>The page that is asked for; null when the parameters are wrong, which is answered then.</summary>
    internal static async Task<(ChangePage Page, TimeRange Range)?> ReadPage(HttpContext http, ChangeTable table, TimeProvider clock)
    {
        if (TryRead(http, clock, out TimeRange range, out ChangeFilter filter, out int limit, out ChangeCursor? cursor) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return null;
        }
        return (await table.Read(http.Tenant(), range, filter, limit, cursor, http.RequestAborted), range);
    }

    private static (string Parameter, string Message)? TryRead(HttpContext http, TimeProvider clock, out TimeRange range, out ChangeFilter filter, out int limit, out ChangeCursor? cursor)
    {
        (filter, limit, cursor) = (new ChangeFilter(), 0, null);
        if (TimeRange.Read(http, clock, out range) is { } badRange) return badRange;
        // Of changes one asks for the last day, not the last hour.
        if (string.IsNullOrEmpty(http.Request.Query["since"])) range = range with { SinceUnixNano = range.UntilUnixNano - 24 * 3600 * 1_000_000_000L };
        if (Problems.ReadInt(http, "limit", 1, LimitMax, LimitDefault, out limit) is { } badLimit) return ("limit", badLimit);
        if (ReadFilter(http.Request.Query, out filter) is { } bad) return bad;
        return ChangeCursor.TryParse(http.Request.Query["cursor"].ToString(), out cursor) ? null : ("cursor", "Send the nextCursor of the page before, as it is.");
    }

    private static async Task Find(HttpContext http, string id, ChangeTable table)
    {
        if (await table.Find(http.Tenant(), id, http.RequestAborted) is { } change) await http.Response.WriteAsJsonAsync(change, ApiJson.WithoutNulls, http.RequestAborted);
        else await Problems.NotFound(http, "No change has this id or key. One that was acknowledged just now can be read a second later.");
    }

    private static (string Parameter, string Message)? ReadFilter(IQueryCollection query, out ChangeFilter filter)
    {
        string[] kinds = Several(query["kind"]);
        string? commit = One(query["commit"])?.ToLowerInvariant(), inferred = One(query["inferred"]);
        filter = new ChangeFilter
        {
            Services = Several(query["service"]), Kinds = kinds, Environment = One(query["environment"]), Version = One(query["version"]), CommitPrefix = commit,
            Source = One(query["source"]), Inferred = inferred is null ? null : inferred == "true",
        };
        if (kinds.FirstOrDefault(kind => !ChangeKind.All.Contains(kind)) is not null) return ("kind", $"Expected some of {string.Join(", ", ChangeKind.All)}, comma-separated.");
        if (inferred is not (null or "true" or "false")) return ("inferred", "Expected true or false.");
        if (commit is not null && (commit.Length < CommitDigitsMin || !commit.All(char.IsAsciiHexDigit))) return ("commit", $"Send at least {CommitDigitsMin} hexadecimal digits.");
        return null;
    }

    private static string[] Several(IEnumerable<string?> values) => [.. values.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static string? One(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static void WriteMetrics(PrometheusText text, ChangeIntake intake)
    {
        text.Counter("waybill_change_reports_total", "Reports of changes taken, by source and kind.");
        foreach (var (source, kind, reports) in intake.Taken) text.Sample(reports, ("source", source), ("kind", kind));
    }
}
