using System.Globalization;
using System.Text.Json;
using Waybill.Payloads;
using Waybill.Search;

namespace Waybill.Causes;

/// <summary>What is asked of the causal graph, with the aims at 10 million spans over a day.</summary>
internal static class CausalQuestions
{
    private const int Minute = 60, Hour = 3600, Day = 86_400;

    /// <param name="healthy">Traces to ask about in which nothing need have failed.</param>
    public static async Task<Question[]> Of(HttpClient http, long end, IReadOnlyList<string> healthy, CancellationToken cancel)
    {
        string[] failed = await Failed(http, end, cancel);
        return
        [
            new("map, one hour", 200, (chance, _) => Between("/api/map?", chance, end, Hour)),
            new("lost context, one hour", 200, (chance, _) => Between("/api/lost-context?", chance, end, Hour)),
            new("causes, 15 minutes", 2_000, (chance, _) => Between("/api/causes?", chance, end, 15 * Minute)),
            new("causes of one trace", 2_000, (chance, _) => $"/api/causes?trace={chance.Pick(failed)}"),
            new("why, a trace that failed", 300, (chance, _) => $"/api/why/{chance.Pick(failed)}"),
            new("why, any trace", 300, (chance, _) => $"/api/why/{chance.Pick(healthy)}"),
            new("why, a trace that is not there", 300, (chance, _) => $"/api/why/{chance.Next():x16}{chance.Next():x16}"),
            new("compare, 15 minutes with those before", 1_000, (chance, _) => Between("/api/compare?", chance, end, 15 * Minute)),
            new("compare what failed with the rest, one hour", 1_000, (chance, _) => Between("/api/compare?q=%7Bstatus%3Derror%7D&", chance, end, Hour)),
            new("compare what failed with the rest, a day", 1_000, (_, _) => string.Create(CultureInfo.InvariantCulture, $"/api/compare?q=%7Bstatus%3Derror%7D&since={end - Day}&until={end}")),
            new("digest of a trace", 300, (chance, _) => $"/api/traces/{chance.Pick(healthy)}/digest"),
            new("graph around a trace", 300, (chance, _) => $"/api/graph/{chance.Pick(failed)}"),
        ];
    }

    // A window anywhere in the day that has data before it.
    private static string Between(string path, Chance chance, long end, int length)
    {
        long until = end - chance.Below(Day - 2 * Hour - length);
        return string.Create(CultureInfo.InvariantCulture, $"{path}since={until - length}&until={until}");
    }

    private static async Task<string[]> Failed(HttpClient http, long end, CancellationToken cancel)
    {
        var ids = new List<string>();
        for (int hours = 0; hours < 20; hours += 4)
        {
            using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/search?q=%7Bstatus%3Derror%7D&since={end - (hours + 1) * Hour}&until={end - hours * Hour}&limit=20"), UriKind.Relative), cancel));
            ids.AddRange(answer.RootElement.GetProperty("traces").EnumerateArray().Select(trace => trace.GetProperty("traceId").GetString()!));
        }
        return ids.Count > 0 ? [.. ids] : throw new InvalidOperationException("No failed trace is stored.");
    }
}
