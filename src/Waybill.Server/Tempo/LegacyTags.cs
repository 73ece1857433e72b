using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Web;

namespace Waybill.Tempo;

/// <summary>The search of before TraceQL: <c>tags</c> in logfmt, with <c>minDuration</c> and <c>maxDuration</c>. One span must have all of it.</summary>
internal static class LegacyTags
{
    /// <param name="query">Null when none of these parameters is there.</param>
    /// <returns>The parameter that is wrong and why, or null.</returns>
    public static (string Parameter, string Message)? Read(HttpContext http, out SearchQuery? query)
    {
        query = null;
        string? tags = TempoTime.One(http, "tags"), shortest = TempoTime.One(http, "minDuration"), longest = TempoTime.One(http, "maxDuration");
        if (tags is null && shortest is null && longest is null) return null;
        var filter = new TagFilter();
        if (Split(tags ?? "", filter) is { } wrong) return ("tags", wrong);
        if (shortest is not null && !filter.AddDuration(Operator.GreaterOrEqual, shortest)) return ("minDuration", Wrong(shortest));
        if (longest is not null && !filter.AddDuration(Operator.LessOrEqual, longest)) return ("maxDuration", Wrong(longest));
        query = filter.ToQuery();
        return null;
    }

    private static string Wrong(string text) => $"'{Problems.Shorten(text)}' is not a duration: send one such as 100ms, 1.5s, 2m.";

    /// <summary>Reads logfmt: <c>key=value key="a \"quoted\" value"</c>.</summary>
    private static string? Split(string text, TagFilter filter)
    {
        var seen = new HashSet<string>();
        for (int at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }
            int begin = at;
            while (at < text.Length && text[at] != '=' && text[at] != '"' && !char.IsWhiteSpace(text[at])) at++;
            string key = text[begin..at];
            if (key.Length == 0 || at == text.Length || text[at] != '=') return $"Expected name=value at position {begin.ToString(CultureInfo.InvariantCulture)}.";
            at++;
            if (!ReadValue(text, ref at, out string value)) return $"The quoted value that begins at position {at.ToString(CultureInfo.InvariantCulture)} has no end.";
            if (!seen.Add(key)) return $"The tag {Problems.Shorten(key)} is there twice.";
            if (!filter.AddTag(key, value)) return TagFilter.Full;
        }
        return null;
    }

    private static bool ReadValue(string text, ref int at, out string value)
    {
        int begin = at;
        if (at >= text.Length || text[at] != '"')
        {
            while (at < text.Length && !char.IsWhiteSpace(text[at])) at++;
            value = text[begin..at];
            return true;
        }
        var unquoted = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length) at++;
            unquoted.Append(text[at]);
        }
        value = unquoted.ToString();
        if (at == text.Length)
        {
            at = begin;
            return false;
        }
        at++;
        return true;
    }
}
