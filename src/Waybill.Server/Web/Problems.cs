using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Waybill.Web;

/// <summary>What the console's API answers when it cannot do what was asked: the parameter, and the fix.</summary>
/// <param name="Parameter">The name of the parameter that is wrong; null when none is.</param>
public sealed record Problem(int Status, string? Parameter, string Message);

/// <summary>How an endpoint that speaks the API of another system says what is wrong; set on the group of its endpoints. All others answer the problem as JSON.</summary>
internal sealed record ProblemForm(Func<HttpContext, Problem, Task> Write);

internal static class Problems
{
    public static Task BadRequest(HttpContext http, string parameter, string message) => Write(http, new Problem(StatusCodes.Status400BadRequest, parameter, message));

    public static Task Forbidden(HttpContext http, string parameter, string message) => Write(http, new Problem(StatusCodes.Status403Forbidden, parameter, message));

    public static Task NotFound(HttpContext http, string message) => Write(http, new Problem(StatusCodes.Status404NotFound, null, message));

    public static Task Unavailable(HttpContext http, string message)
    {
        http.Response.Headers.RetryAfter = "2";
        return Write(http, new Problem(StatusCodes.Status503ServiceUnavailable, null, message));
    }

    /// <summary>429: too many ask at once.</summary>
    public static Task Busy(HttpContext http, string message)
    {
        http.Response.Headers.RetryAfter = "2";
        return Write(http, new Problem(StatusCodes.Status429TooManyRequests, null, message));
    }

    /// <summary>422: the question is understood, but answering it would pass a bound.</summary>
    public static Task TooMuch(HttpContext http, string message) => Write(http, new Problem(StatusCodes.Status422UnprocessableEntity, null, message));

    /// <summary>429: as many of these are open or running as may be.</summary>
    public static Task TooMany(HttpContext http, string message)
    {
        http.Response.Headers.RetryAfter = "5";
        return Write(http, new Problem(StatusCodes.Status429TooManyRequests, null, message));
    }

    public static Task Failed(HttpContext http, string message) => Write(http, new Problem(StatusCodes.Status500InternalServerError, null, message));

    public static Task NotImplemented(HttpContext http, string message) => Write(http, new Problem(StatusCodes.Status501NotImplemented, null, message));

    /// <summary>Reads a whole number from the query. Returns what is wrong with it, or null.</summary>
    public static string? ReadInt(HttpContext http, string parameter, int min, int max, int missing, out int value)
    {
        value = missing;
        string? text = http.Request.Query[parameter];
        if (string.IsNullOrEmpty(text)) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max) return null;
        return $"'{Shorten(text)}' is not a whole number from {min} to {max}.";
    }

    /// <summary>The form of problems that the endpoint asks for; null for the API's own.</summary>
    public static ProblemForm? FormOf(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<ProblemForm>();

    /// <summary>What was sent, short enough to be repeated in an answer.</summary>
    public static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "...";

    private static Task Write(HttpContext http, Problem problem)
    {
        http.Response.StatusCode = problem.Status;
        if (FormOf(http) is { } form) return form.Write(http, problem);
        return http.Response.WriteAsJsonAsync(problem, http.RequestAborted);
    }
}
