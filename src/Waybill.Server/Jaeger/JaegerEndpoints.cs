using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Web;

namespace Waybill.Jaeger;

/// <summary>
/// The query API of Jaeger under <c>/jaeger</c>: the one its UI and Grafana's data source have always read, and version 3. It is another project's contract, so it
/// is not in our OpenAPI document: docs/reference/tempo-jaeger.md says what is answered and what differs.
/// </summary>
public static class JaegerEndpoints
{
    public static void AddJaeger(this IServiceCollection services)
    {
        services.AddSingleton<JaegerCatalog>();
        services.AddSingleton<JaegerTraces>();
    }

    public static void MapJaeger(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder jaeger = app.MapGroup("/jaeger");
        jaeger.On(Listener.Console).Needs(Permission.TracesRead).ExcludeFromDescription();
        RouteGroupBuilder first = jaeger.MapGroup("/api");
        first.WithMetadata(new ProblemForm(WriteProblem));
        first.MapVersion1();
        RouteGroupBuilder third = jaeger.MapGroup("/api/v3");
        third.WithMetadata(new ProblemForm(WriteProblem3));
        third.MapVersion3();
    }

    private static Task WriteProblem(HttpContext http, Problem problem) =>
        http.Response.WriteAsJsonAsync(new JaegerAnswer<object>(null, 0, [new JaegerError(problem.Status, Message(problem))]), http.RequestAborted);

    private static Task WriteProblem3(HttpContext http, Problem problem) => http.Response.WriteAsJsonAsync(new
    {
        error = new { grpcCode = GrpcCode(problem.Status), httpCode = problem.Status, message = Message(problem), httpStatus = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(problem.Status) },
    }, http.RequestAborted);

    private static string Message(Problem problem) => problem.Parameter is null ? problem.Message : $"{problem.Parameter}: {problem.Message}";

    private static int GrpcCode(int status) => status switch
    {
        StatusCodes.Status400BadRequest => 3,            // INVALID_ARGUMENT
        StatusCodes.Status404NotFound => 5,              // NOT_FOUND
        StatusCodes.Status422UnprocessableEntity or StatusCodes.Status429TooManyRequests => 8,   // RESOURCE_EXHAUSTED
        StatusCodes.Status501NotImplemented => 12,       // UNIMPLEMENTED
        StatusCodes.Status503ServiceUnavailable => 14,   // UNAVAILABLE
        _ => 13,                                         // INTERNAL
    };
}

/// <summary>The envelope of every answer of the first API.</summary>
internal sealed record JaegerAnswer<T>(T? Data, int Total, IReadOnlyList<JaegerError>? Errors = null, int Limit = 0, int Offset = 0);

internal sealed record JaegerError(int Code, string Msg);
