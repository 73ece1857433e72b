using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Ledger;

namespace Waybill.Web;

/// <summary>One thing that must be right before work is taken.</summary>
/// <param name="Name">What it is, in one word.</param>
/// <param name="Missing">Why it is not ready, in a sentence; null when it is. Called often: must be cheap, must not throw.</param>
public sealed record ReadinessCheck(string Name, Func<string?> Missing);

/// <summary>Whether work can be taken; what /readyz and the gRPC health service answer from.</summary>
public sealed class Readiness(IEnumerable<ReadinessCheck> checks)
{
    private readonly ReadinessCheck[] _checks = [.. checks];

    public bool IsReady => Array.TrueForAll(_checks, check => check.Missing() is null);

    /// <summary>What is missing, one sentence per line; empty when ready.</summary>
    public string Missing() => string.Concat(_checks.Select(check => check.Missing() is { } reason ? $"{check.Name}: {reason}\n" : null));
}

internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("live\n")).On(Listener.Console).OpenToAll("probes have no credentials").NotNoted()
            .WithSummary("Whether the process lives").AnswersWith("text/plain", "It does.");
        app.MapGet("/readyz", (Readiness readiness) => readiness.Missing() is { Length: > 0 } missing
            ? TypedResults.Text(missing, statusCode: StatusCodes.Status503ServiceUnavailable)
            : TypedResults.Text("ready\n")).On(Listener.Console).OpenToAll("probes have no credentials").NotNoted()
            .WithSummary("Whether work is taken and reads are answered; 503 and what is missing otherwise").AnswersWith("text/plain", "They are.");
    }
}
