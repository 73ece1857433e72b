using System.Diagnostics;
using System.Text;
using Waybill.Measuring;
using Waybill.Payloads;

namespace Waybill.Read;

/// <param name="SpanCount">Of the trace, as sent.</param>
/// <param name="Wrong">Why the answer is wrong; null when it is right.</param>
internal sealed record TraceRead(int SpanCount, double Milliseconds, string? Wrong);

/// <summary>Reads traces by id one after another and compares each answer with what was sent.</summary>
internal sealed class TraceReads(HttpClient http, Uri api, PayloadStream payloads)
{
    public const string Whole = "", Skeleton = "?fields=skeleton";

    public async Task<List<TraceRead>> Run(IEnumerable<SentTrace> traces, string query, CancellationToken cancel)
    {
        var reads = new List<TraceRead>();
        foreach (var trace in traces) reads.Add(await Run(trace, query, cancel));
        return reads;
    }

    public async Task<TraceRead> Run(SentTrace trace, string query, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(new Uri(api, $"/api/traces/{trace.Id}{query}"), cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancel);
        double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return new(trace.SpanCount, milliseconds, answer.IsSuccessStatusCode ? Wrong(trace, body) : $"trace {trace.Id}: HTTP {(int)answer.StatusCode}");
    }

    private string? Wrong(SentTrace trace, byte[] body)
    {
        int count = TraceAnswer.SpanCount(body);
        if (count != trace.SpanCount) return $"trace {trace.Id}: {count} spans, {trace.SpanCount} were sent";
        string text = Encoding.UTF8.GetString(body);
        string? missing = payloads.SpanIds(trace).FirstOrDefault(id => !text.Contains(id, StringComparison.OrdinalIgnoreCase));
        return missing is null ? null : $"trace {trace.Id}: span {missing} is not in the answer";
    }

    /// <summary>Prints one line for all traces and one for each class of size.</summary>
    /// <returns>How many answers were wrong.</returns>
    public static int Report(string title, IReadOnlyList<TraceRead> reads)
    {
        foreach (var (name, from, to) in new[] { ("all", 1, int.MaxValue), ("1-9 spans", 1, 9), ("10-49 spans", 10, 49), ("50-150 spans", 50, int.MaxValue) })
        {
            var times = new Percentiles(reads.Where(read => read.SpanCount >= from && read.SpanCount <= to).Select(read => read.Milliseconds));
            if (times.Count > 0) Console.WriteLine($"{title,-16} {name,-13} n {times.Count,5}   p50 {times.P50,7:F1}  p90 {times.P90,7:F1}  p99 {times.P99,7:F1}  max {times.Max,7:F1} ms");
        }
        var wrong = reads.Where(read => read.Wrong is not null).ToList();
        foreach (var read in wrong.Take(10)) Console.Error.WriteLine($"{title}: WRONG: {read.Wrong}");
        return wrong.Count;
    }
}
