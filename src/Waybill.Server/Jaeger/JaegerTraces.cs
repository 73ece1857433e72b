using Microsoft.AspNetCore.Http;
using Waybill.Batches;
using Waybill.Search;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Jaeger;

/// <summary>Reads the whole traces that an answer consists of, one after the other.</summary>
internal sealed class JaegerTraces(TraceReader reader, SpanSearch search)
{
    private const int SpansMax = 100_000;

    /// <summary>Spans of one answer to a search: after the trace with which it passes this, the rest is left out. 200,000 are some 200 MB of JSON.</summary>
    private const int SearchedSpansMax = 200_000;

    /// <returns>Null when no span of it is stored.</returns>
    public async Task<TraceAnswer?> Read(string tenant, TraceId id, CancellationToken cancel)
    {
        if (id.IsZero) return null;
        TraceAnswer? answer = await reader.Read(tenant, id, skeleton: false, SpansMax, logLimit: 0, cancel);
        return answer is { Trace.Nodes.Length: > 0 } ? answer with { Reasons = [.. answer.Reasons.Where(reason => reason.Reason != "logs_over_limit")] } : null;
    }

    /// <summary>Those that a search finds, the newest first.</summary>
    public Task<SearchResult> Find(string tenant, JaegerQuery query, CancellationToken cancel) =>
        search.Run(new SearchRequest(tenant, query.Query, query.Range, query.Limit, spansPerSet: 1), cancel);

    public async IAsyncEnumerable<TraceAnswer> Read(string tenant, IEnumerable<string> ids, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        int spans = 0;
        foreach (string text in ids)
        {
            if (spans > SearchedSpansMax || !TryReadId(text, out TraceId id) || await Read(tenant, id, cancel) is not { } answer) continue;
            spans += answer.Trace.Nodes.Length;
            yield return answer;
        }
    }

    /// <summary>Reads an id of up to 32 hexadecimal digits; Jaeger leaves leading zeros out.</summary>
    public static bool TryReadId(string text, out TraceId id)
    {
        id = default;
        return text.Length is > 0 and <= 2 * TraceId.Size && TraceId.TryParse(text.PadLeft(2 * TraceId.Size, '0'), out id);
    }

    public static string WrongId(string id) => $"'{Problems.Shorten(id)}' is not a trace id: send up to 32 hexadecimal digits.";
}
