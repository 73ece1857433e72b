using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Ingest;
using Waybill.Redaction.Erasure;
using Waybill.Storage;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Redaction;

public sealed record FindingListing(
    [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, long Total, IReadOnlyList<FindingCount> Findings, IReadOnlyList<FindingHour> Trend);

public sealed record ShownRule(
    string Name, IReadOnlyList<string> Keys, IReadOnlyList<string> Signals, IReadOnlyList<string> Services, IReadOnlyList<string> Carriers, IReadOnlyList<string> Detectors, string? Pattern, string Action, string Source);

public sealed record ShownDetector(string Name, string Family, string Action, string Description);

public sealed record RulesInForce(
    string Version, string? Source, string LoadedUnixNano, string Mode, bool Defaults, bool Enabled, IReadOnlyList<RuleError> Errors, IReadOnlyList<ShownRule> Rules, IReadOnlyList<ShownDetector> Detectors);

/// <summary>Redaction's part of the status page.</summary>
public sealed record RedactionSection(bool Enabled, string Version, string? Source, int Errors, IReadOnlyList<DetectorCount> Found);

public static class RedactionEndpoints
{
    private const int LimitDefault = 1_000, LimitMax = 10_000;

    public static void AddRedaction(this IServiceCollection services)
    {
        services.AddOptions<RedactionOptions>().BindConfiguration("Redaction").ValidateOnStart();
        services.AddSingleton<IValidateOptions<RedactionOptions>, RedactionOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<RedactionOptions>>().Value);
        services.AddSingleton(provider => new Redactor(HashKey.Read(provider.GetRequiredService<RedactionOptions>(), provider.GetRequiredService<StorageOptions>().Directory)));
        services.AddSingleton<RedactionTally>();
        services.AddSingleton<IngestRedaction>();
        services.AddSingleton<ChangeRedaction>();
        services.AddSingleton<ErasureTable>();
        services.AddSingleton<ErasureLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<ErasureLoop>());
        services.AddSingleton<FindingTable>();
        services.AddSingleton<ActiveRules>();
        services.AddHostedService(provider => provider.GetRequiredService<ActiveRules>());
        services.AddHostedService<OtherFindingsLoop>();
        services.AddSingleton<StoredTexts>();
        services.AddSingleton<ExposureScan>();
        services.AddHostedService<ExposureScanLoop>();
        services.AddSingleton(provider => new StatusSection("redaction", () => ReadSection(
            provider.GetRequiredService<ActiveRules>(), provider.GetRequiredService<Redactor>(), provider.GetRequiredService<RedactionTally>(), provider.GetRequiredService<RedactionOptions>())) { Shape = typeof(RedactionSection) });
        services.AddSingleton<MetricSource>(provider => provider.GetRequiredService<RedactionTally>().WriteMetrics);
    }

    public static void MapRedaction(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/redaction/findings", ListFindings).On(Listener.Console).Needs(Permission.RedactionRead)
            .WithSummary("What was sensitive and changed before it was stored: what kind, where, how often, by which rule")
            .WithDescription("Counts are of single texts and exact. The hour that since lies in counts whole. Examples are shapes of the latest: letters x, digits 9.")
            .WithTimeRange()
            .WithText("service", "Of this service.")
            .WithText("signal", $"Of this signal: {string.Join(", ", Carriers.AllSignalNames)}.")
            .WithText("detector", "Found by this detector.")
            .WithText("rule", "Decided by this rule.")
            .WithNumber("limit", "Findings at most, the most frequent first.", 1, LimitMax, LimitDefault)
            .Produces<FindingListing>();
        app.MapGet("/api/redaction/rules", ShowRules).On(Listener.Console).Needs(Permission.RedactionRead)
            .WithSummary("The rules in force, where they come from, and what is wrong with a newer version of them")
            .Produces<RulesInForce>();
        app.MapRuleTests();
        app.MapScans();
        app.MapErasures();
    }

    private static async Task ListFindings(HttpContext http, FindingTable table, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out var range) is { } badTime)
        {
            await Problems.BadRequest(http, badTime.Parameter, badTime.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, LimitMax, LimitDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        var filter = new FindingFilter(Query(http, "service"), Query(http, "signal"), Query(http, "detector"), Query(http, "rule"));
        if (filter.Signal is { } signal && !Carriers.AllSignalNames.Contains(signal))
        {
            await Problems.BadRequest(http, "signal", $"'{Problems.Shorten(signal)}' is no signal; there are {string.Join(", ", Carriers.AllSignalNames)}.");
            return;
        }
        var findings = await table.Read(http.Tenant(), range, filter, limit, http.RequestAborted);
        var trend = await table.ReadTrend(http.Tenant(), range, filter, http.RequestAborted);
        bool more = findings.Count > limit;
        if (more) findings.RemoveAt(limit);
        await http.Response.WriteAsJsonAsync(new FindingListing(more ? "partial" : "complete",
            more ? [new PartialReason("over_limit", $"There are more kinds of findings; the {limit} most frequent are shown. Raise limit, or ask for one service.")] : [],
            trend.Sum(hour => hour.Count), findings, trend), http.RequestAborted);
    }

    private static RulesInForce ShowRules(ActiveRules active, Redactor redactor, RedactionOptions options)
    {
        var rules = redactor.Rules;
        return new RulesInForce(rules.Version, active.FromFile ? active.Path : null, active.LoadedUnixNano.ToString(CultureInfo.InvariantCulture), Lower(rules.Mode), rules.UsesDefaults, options.Enabled, active.Errors,
            [.. rules.Rules.Select(rule => new ShownRule(rule.Name, Names(rule.Keys), [.. rule.Signals.Select(signal => signal.Name())], Names(rule.Services),
                [.. rule.Carriers.Select(carrier => carrier.Name())], [.. rule.Detectors.Select(detector => detector.Info().Name)], rule.Pattern?.ToString(), Lower(rule.Action), "file"))],
            [.. Detectors.All.Where(info => info.Detector < Detector.Pattern).Select(info => new ShownDetector(info.Name, Lower(info.Family), Lower(rules.ActionOf(info)), info.Description))]);

        static IReadOnlyList<string> Names(IReadOnlyList<Glob> globs) => [.. globs.Select(glob => glob.Pattern)];
    }

    private static RedactionSection ReadSection(ActiveRules active, Redactor redactor, RedactionTally tally, RedactionOptions options) =>
        new(options.Enabled, redactor.Rules.Version, active.FromFile ? active.Path : null, active.Errors.Count, [.. tally.Counts]);

    private static string? Query(HttpContext http, string name) => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    internal static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
