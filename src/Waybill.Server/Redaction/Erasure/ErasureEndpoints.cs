using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Ingest;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Redaction.Erasure;

/// <param name="Key">The attribute, such as <c>user.email</c>.</param>
/// <param name="Value">A person's value of it; null for the attribute whatever its value.</param>
/// <param name="Items">Take out whole spans and log records that carry the value.</param>
/// <param name="Text">Replace the value in free text too.</param>
public sealed record ErasureRequest(string? Key, string? Value = null, bool Items = false, bool Text = false);

public sealed record ErasureListing(IReadOnlyList<ErasureState> Erasures);

/// <summary>Takes a field or a person out of what is stored.</summary>
internal static class ErasureEndpoints
{
    private const int KeyMax = 256, ValueMax = 1_000, TextMin = 4;

    // Without them nothing can be found or shown any more; whole items are the way there.
    private static readonly string[] Names = ["service.name", "service.namespace", "service.instance.id"];

    public static void MapErasures(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/redaction/erasures", Ask).On(Listener.Console).Needs(Permission.AccessManage)
            .WithSummary("Takes an attribute, or a person's value of it, out of everything that is stored; carried out in the background, with an entry in the ledger at its beginning and its end")
            .WithDescription("What arrives afterwards is not touched: add a rule to redaction.yaml.")
            .Accepts<ErasureRequest>("application/json").Produces<ErasureState>(StatusCodes.Status202Accepted);
        app.MapGet("/api/redaction/erasures", (ErasureLoop loop) => TypedResults.Ok(new ErasureListing([.. loop.States]))).On(Listener.Console).Needs(Permission.RedactionRead)
            .WithSummary("The erasures of this server's life, newest first, and how far they are");
    }

    private static async Task Ask(HttpContext http, ErasureLoop loop, Acts acts, SubjectKeys keys, Redactor redactor, TimeProvider clock)
    {
        ErasureRequest? asked;
        try
        {
            asked = await JsonSerializer.DeserializeAsync<ErasureRequest>(http.Request.Body, JsonSerializerOptions.Web, http.RequestAborted);
        }
        catch (JsonException)
        {
            asked = null;
        }
        if (Check(asked) is { } wrong)
        {
            await Problems.BadRequest(http, wrong.Parameter, wrong.Message);
            return;
        }
        string[] values = asked!.Value is { } value ? [.. new[] { value, redactor.Redact(value, new TextContext(RedactedSignal.Traces, Key: asked.Key!)) }.Distinct()] : [];
        var erasure = new Erasure(Guid.NewGuid().ToString("N"), http.Tenant(), asked.Key!, values, asked.Items, asked.Text, clock.UnixNano());
        // Retention's gate belongs here: what is held must not be taken out. Nothing can be held yet.
        await acts.Record(http, "telemetry.erase", asked.Key!, detail: new { erasure = erasure.Id, values = loop.Named(erasure), items = asked.Items, text = asked.Text });
        if (!loop.Take(erasure))
        {
            await Problems.TooMany(http, "Too many erasures wait. Ask again when some are done.");
            return;
        }
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await http.Response.WriteAsJsonAsync(loop.States.First(state => state.Id == erasure.Id), http.RequestAborted);
    }

    private static (string Parameter, string Message)? Check(ErasureRequest? asked) => asked switch
    {
        null or { Key: null or "" or { Length: > KeyMax } } => ("key", "Send {\"key\":\"user.email\"} for an attribute, or {\"key\":\"user.id\",\"value\":\"42\",\"items\":true,\"text\":true} for a person."),
        { Key: var key } when Names.Contains(key) => ("key", $"{key} says whose telemetry it is and cannot be taken out."),
        { Value: "" or { Length: > ValueMax } } => ("value", $"Expected 1 to {ValueMax} characters."),
        { Value: null, Items: true } or { Value: null, Text: true } => ("value", "items and text need a value: without one everything would go."),
        { Text: true, Value.Length: < TextMin } => ("text", $"A value of fewer than {TextMin} characters stands in too many words. Leave text out."),
        _ => null,
    };
}
