using Waybill.Query;
using Waybill.Query.Syntax;

namespace Waybill.Tempo;

/// <summary>A filter that someone is still typing: what of it can be understood holds, the rest is left out.</summary>
internal static class HalfQuery
{
    /// <returns>Null when nothing is left to filter by.</returns>
    public static Pipeline? Read(string? text)
    {
        if (text is null || text.Length > 16 * 1024) return null;
        if (Filter(text) is { } whole) return whole.Stages is [SpansetFilter { Condition: null }] ? null : whole;
        int open = text.IndexOf('{', StringComparison.Ordinal), close = text.LastIndexOf('}');
        if (open < 0) return null;
        string[] conditions = [.. Split(text[(open + 1)..(close > open ? close : text.Length)]).Where(condition => condition.Trim().Length > 0 && Filter($"{{ {condition} }}") is not null)];
        return conditions.Length == 0 ? null : Filter($"{{ {string.Join(" && ", conditions.Select(condition => $"({condition})"))} }}");
    }

    private static Pipeline? Filter(string text) => TraceQl.Parse(text).Query is SearchQuery { Pipeline: var pipeline } ? pipeline : null;

    /// <summary>The parts between <c>&amp;&amp;</c>, which in quotes joins nothing.</summary>
    private static IEnumerable<string> Split(string text)
    {
        char quote = '\0';
        int begin = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (quote != '\0')
            {
                if (text[at] == '\\' && quote == '"') at++;
                else if (text[at] == quote) quote = '\0';
            }
            else if (text[at] is '"' or '`') quote = text[at];
            else if (text[at] == '&' && at + 1 < text.Length && text[at + 1] == '&')
            {
                yield return text[begin..at];
                begin = ++at + 1;
            }
        }
        yield return text[begin..];
    }
}
