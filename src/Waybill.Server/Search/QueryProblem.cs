using Microsoft.AspNetCore.Http;
using Waybill.Query;
using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>What is wrong with a TraceQL text: the problem document, with where it is wrong and what was probably meant.</summary>
/// <param name="Query">The first error; see <paramref name="Errors"/> for all.</param>
public sealed record QueryProblem(int Status, string Parameter, string Message, QueryError Query, IReadOnlyList<QueryError> Errors)
{
    internal static Task Write<T>(HttpContext http, QueryResult<T> parsed, string parameter = "q") where T : Node
    {
        QueryError[] errors = [.. parsed.Diagnostics.Where(diagnostic => diagnostic.Kind != DiagnosticKind.Warning).Select(diagnostic => QueryError.Of(diagnostic, parsed.Text))];
        if (Problems.FormOf(http) is not null) return Problems.BadRequest(http, "q", $"{errors[0].Text}\n{errors[0].Caret}");
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return http.Response.WriteAsJsonAsync(new QueryProblem(StatusCodes.Status400BadRequest, parameter, errors[0].Text, errors[0], errors), http.RequestAborted);
    }
}

/// <param name="Code">Stable, for programs: <c>unknown-identifier</c>.</param>
/// <param name="Text">The whole in one line.</param>
/// <param name="Position">UTF-16 units from the begin of the text; <paramref name="Line"/> and <paramref name="Column"/> count from 1.</param>
/// <param name="Caret">The line that is wrong, and below it a mark where.</param>
/// <param name="Suggestion">Text that, in place of the marked one, is probably what was meant.</param>
public sealed record QueryError(string Code, string Text, string Message, int Position, int Length, int Line, int Column, string Caret, string? Found, string? Expected, string? Hint, string? Suggestion)
{
    private const int CaretLineMax = 200;

    internal static QueryError Of(Diagnostic diagnostic, string text) => new(diagnostic.Code.Text(), diagnostic.ToString(), diagnostic.Message, diagnostic.Offset, diagnostic.Length, diagnostic.Line, diagnostic.Column,
        Mark(text, diagnostic), diagnostic.Found, diagnostic.Expected, diagnostic.Hint, diagnostic.Replacement);

    private static string Mark(string text, Diagnostic diagnostic)
    {
        int start = diagnostic.Offset - (diagnostic.Column - 1), end = text.IndexOf('\n', start);
        string line = end < 0 ? text[start..] : text[start..end];
        int from = Math.Max(0, diagnostic.Column - 1 - CaretLineMax / 2);
        string shown = line.Length <= from ? "" : line.Substring(from, Math.Min(CaretLineMax, line.Length - from));
        return $"{shown}\n{new string(' ', diagnostic.Column - 1 - from)}{new string('^', Math.Clamp(diagnostic.Length, 1, CaretLineMax))}";
    }
}
