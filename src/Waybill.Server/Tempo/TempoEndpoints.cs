using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Web;

namespace Waybill.Tempo;

/// <summary>
/// The API of Grafana Tempo under <c>/tempo</c>, as its data source in Grafana reads it. It is another project's contract, so it is not in our OpenAPI document:
/// docs/reference/tempo-jaeger.md says what is answered and what differs.
/// </summary>
public static class TempoEndpoints
{
    /// <summary>The Tempo whose API this is: Grafana offers what that version can do.</summary>
    private const string ApiVersion = "2.9.0";

    /// <summary>Protobuf's mapping to JSON: what says nothing is left out.</summary>
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void MapTempo(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder tempo = app.MapGroup("/tempo");
        tempo.On(Listener.Console).Needs(Permission.TracesRead).WithMetadata(new ProblemForm(WriteProblem)).ExcludeFromDescription();
        tempo.MapGet("/api/echo", () => TypedResults.Text("echo"));
        tempo.MapGet("/ready", (Readiness readiness) => readiness.Missing() is { Length: > 0 } missing
            ? TypedResults.Text(missing, statusCode: StatusCodes.Status503ServiceUnavailable)
            : TypedResults.Text("ready\n"));
        tempo.MapGet("/api/status/buildinfo", () => TypedResults.Json(new { version = ApiVersion, revision = "waybill", branch = "", buildDate = "", buildUser = "", goVersion = "" }));
        tempo.MapTraceById();
        tempo.MapTempoSearch();
        tempo.MapTempoTags();
        tempo.MapTempoSeries();
    }

    internal static Task Answer<T>(HttpContext http, T answer) => http.Response.WriteAsJsonAsync(answer, Json, http.RequestAborted);

    /// <summary>Grafana shows the body of an error as it is.</summary>
    private static Task WriteProblem(HttpContext http, Problem problem)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(problem.Parameter is null ? problem.Message : $"{problem.Parameter}: {problem.Message}", http.RequestAborted);
    }
}
