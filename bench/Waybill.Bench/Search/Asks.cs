using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Waybill.Measuring;
using Waybill.Payloads;
using Waybill.Servers;

namespace Waybill.Search;

/// <summary>Asks one question again and again.</summary>
internal static class Asks
{
    private const int WarmUps = 5;

    public static async Task<(Question Question, Percentiles Wall, double CpuMilliseconds)> Measure(Question question, ServerUnderTest server, HttpClient http, long end, int requests, CancellationToken cancel)
    {
        var chance = new Chance(11);
        for (int i = 0; i < WarmUps; i++) await Ask(http, question.Path(chance, end), cancel);
        double cpu = server.Processes.CpuSeconds();
        var times = new List<double>();
        for (int i = 0; i < requests; i++) times.Add(await Ask(http, question.Path(chance, end), cancel));
        double each = (server.Processes.CpuSeconds() - cpu) * 1000 / requests;
        var wall = new Percentiles(times);
        Console.WriteLine($"{question.Name,-50} p50 {wall.P50,7:F1}  p90 {wall.P90,7:F1}  max {wall.Max,7:F1} ms   CPU {each,6:F1} ms   aim {question.AimMilliseconds:F0}{(wall.P50 > question.AimMilliseconds ? "   MISSED" : "")}");
        return (question, wall, each);
    }

    private static async Task<double> Ask(HttpClient http, string path, CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancel);
        if (answer.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(body)}");
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>The end of the newest trace, Unix seconds.</summary>
    public static async Task<long> End(HttpClient http, CancellationToken cancel)
    {
        using var newest = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/search?since=13d&limit=1", UriKind.Relative), cancel));
        string start = newest.RootElement.GetProperty("traces")[0].GetProperty("startUnixNano").GetString()!;
        return long.Parse(start, CultureInfo.InvariantCulture) / 1_000_000_000 + 10;
    }
}
