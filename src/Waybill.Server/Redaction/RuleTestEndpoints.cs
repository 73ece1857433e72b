using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Web;

namespace Waybill.Redaction;

/// <summary>Texts to try rules on.</summary>
/// <param name="Rules">A rules file as text; null for the rules in force.</param>
public sealed record RuleTest(IReadOnlyList<string>? Texts, string? Key, string? Signal, string? Service, string? Carrier, string? Rules);

public sealed record TestedFinding(string Detector, string Rule, string Action, int Start, int Length, string Example);

public sealed record TestedText(string Text, IReadOnlyList<TestedFinding> Findings);

public sealed record RuleTestResult(IReadOnlyList<TestedText> Results, IReadOnlyList<RuleError> Errors);

/// <summary>Tries rules on given texts. Nothing is stored.</summary>
internal static class RuleTestEndpoints
{
    private const int BodyBytesMax = 256 * 1024, TextsMax = 100;

    public static void MapRuleTests(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/redaction/test", Test).On(Listener.Console).Needs(Permission.RedactionWrite)
            .WithSummary("What the rules, or rules that are sent along, make of given texts; nothing is stored")
            .Accepts<RuleTest>("application/json")
            .Produces<RuleTestResult>();

    private static async Task Test(HttpContext http, Redactor redactor)
    {
        if (await ReadBody(http, BodyBytesMax) is not { } body)
        {
            await Problems.BadRequest(http, "body", $"Send at most {BodyBytesMax} bytes.");
            return;
        }
        RuleTest? test;
        try
        {
            test = JsonSerializer.Deserialize<RuleTest>(body, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            // What was sent is not repeated: it may be what somebody wants to see redacted.
            await Problems.BadRequest(http, "body", "Send JSON such as {\"texts\":[\"mail ada@example.com\"],\"key\":\"note\",\"signal\":\"logs\"}.");
            return;
        }
        if (Check(test) is { } wrong)
        {
            await Problems.BadRequest(http, wrong.Parameter, wrong.Message);
            return;
        }
        var rules = redactor.Rules;
        if (test!.Rules is { } text)
        {
            var (parsed, errors) = RulesText.Parse(text);
            if (parsed is null)
            {
                await Problems.BadRequest(http, "rules", string.Join('\n', errors));
                return;
            }
            rules = parsed;
        }
        _ = Carriers.TryParse(test.Signal ?? "traces", out RedactedSignal signal);
        _ = Carriers.TryParse(test.Carrier ?? "text", out Carrier carrier);
        var context = new TextContext(signal, test.Service ?? "", test.Key ?? "", carrier);
        await http.Response.WriteAsJsonAsync(new RuleTestResult([.. test.Texts!.Select(text => new TestedText(
            redactor.Redact(text, context, rules, new FindingCounts()),
            [.. Redactor.Find(text, context, rules).Select(found => new TestedFinding(found.Detector.Info().Name, found.Rule, RedactionEndpoints.Lower(found.Action), found.Start, found.Length, found.Shape))]))], []), http.RequestAborted);
    }

    private static (string Parameter, string Message)? Check(RuleTest? test) => test switch
    {
        null or { Texts: null or { Count: 0 or > TextsMax } } => ("texts", $"Send 1 to {TextsMax} texts."),
        { Signal: { } signal } when !Carriers.TryParse(signal, out RedactedSignal _) => ("signal", $"There are {string.Join(", ", Carriers.AllSignalNames)}."),
        { Carrier: { } carrier } when !Carriers.TryParse(carrier, out Carrier _) => ("carrier", $"There are {string.Join(", ", Carriers.AllNames)}."),
        _ => null,
    };

    /// <summary>The body, or null when it is longer than that.</summary>
    public static async Task<byte[]?> ReadBody(HttpContext http, int bytesMax)
    {
        byte[] body = new byte[bytesMax + 1];
        int length = await http.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, http.RequestAborted);
        return length > bytesMax ? null : body[..length];
    }
}
