using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Redaction;

public sealed record DryRunFinding(string Table, string Service, string Carrier, string Key, string Detector, string Rule, string Action, long Count, IReadOnlyList<string> Examples);

public sealed record DryRun(string Status, IReadOnlyList<PartialReason> Reasons, long ScannedItems, long ItemsWithFindings, IReadOnlyList<DryRunFinding> Findings);

/// <summary>Looks at what is stored: what has slipped through, and what other rules would find. Changes nothing.</summary>
internal static class ScanEndpoints
{
    private const int SampleDefault = 2_000, SampleMin = 100, SampleMax = 20_000, FindingsMax = 1_000;

    public static void MapScans(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/redaction/score", async (HttpContext http, ExposureScan scan) => await scan.Read(http.Tenant(), http.RequestAborted)).On(Listener.Console).Needs(Permission.RedactionRead)
            .WithSummary("Sensitive exposure (M9): stored items in which a second, stricter scan found something sensitive; the target is 0")
            .Produces<ExposureScore>();
        app.MapPost("/api/redaction/score", async (HttpContext http, ExposureScan scan) =>
        {
            await scan.Scan(http.Tenant(), http.RequestAborted);
            return await scan.Read(http.Tenant(), http.RequestAborted);
        }).On(Listener.Console).Needs(Permission.RedactionWrite)
            .WithSummary("Scans what is stored now, and answers the same")
            .Produces<ExposureScore>();
        app.MapPost("/api/redaction/dry-run", Try).On(Listener.Console).Needs(Permission.RedactionWrite)
            .WithSummary("What the rules in the body would find in a sample of what is stored; nothing is changed")
            .WithTimeRange()
            .WithNumber("sample", "Rows of each table, the newest first.", SampleMin, SampleMax, SampleDefault)
            .Accepts<string>("application/yaml")
            .Produces<DryRun>();
    }

    private static async Task Try(HttpContext http, StoredTexts texts, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out var range) is { } badTime)
        {
            await Problems.BadRequest(http, badTime.Parameter, badTime.Message);
            return;
        }
        if (Problems.ReadInt(http, "sample", SampleMin, SampleMax, SampleDefault, out int sample) is { } badSample)
        {
            await Problems.BadRequest(http, "sample", badSample);
            return;
        }
        if (await RuleTestEndpoints.ReadBody(http, RulesText.BytesMax) is not { } body)
        {
            await Problems.BadRequest(http, "body", $"Send at most {RulesText.BytesMax} bytes.");
            return;
        }
        var (rules, errors) = RulesText.Parse(Encoding.UTF8.GetString(body));
        if (rules is null)
        {
            await Problems.BadRequest(http, "rules", string.Join('\n', errors));
            return;
        }
        var tally = new TextTally();
        var (items, more) = await texts.Read(http.Tenant(), range, sample, text => tally.Add(text, Redactor.Find(text.Text, new TextContext(text.Signal, text.Service, text.Key, text.Carrier), rules)), http.RequestAborted);
        await http.Response.WriteAsJsonAsync(new DryRun(more ? "partial" : "complete",
            more ? [new PartialReason("sample", $"Of each table the newest {sample} rows in the range were looked at. Raise sample, or narrow the range.")] : [],
            items, tally.Items, [.. tally.Places(FindingsMax).Select(place => new DryRunFinding(place.Table, place.Service, place.Carrier, place.Key, place.Detector, place.Rule, place.Action, place.Count, place.Examples))]),
            http.RequestAborted);
    }
}
