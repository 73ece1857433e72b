using Waybill.Payloads;
using Waybill.Read;
using Waybill.Servers;

namespace Waybill.Overload;

/// <summary>Whether everything acknowledged is there, once.</summary>
internal sealed class Verification(HttpClient http, Uri api)
{
    private const int TracesOfPosterMax = 300, TracesOfSdkMax = 300;

    /// <summary>Reads a sample of acknowledged traces, each of which must have exactly the spans that were sent.</summary>
    /// <returns>What is wrong, at most a few lines of it; empty when all is well.</returns>
    public async Task<List<string>> Posters(IEnumerable<RawPost> posts, CancellationToken cancel)
    {
        var wrong = new List<string>();
        foreach (var post in posts)
        {
            var payloads = new PayloadStream(post.Plan);
            var reads = await new TraceReads(http, api, payloads).Run(ReadCommand.Sample(payloads, post.Acknowledged, TracesOfPosterMax), TraceReads.Whole, cancel);
            wrong.AddRange(reads.Select(read => read.Wrong).OfType<string>());
        }
        return wrong;
    }

    /// <summary>Reads a sample of an SDK process's traces: all acknowledged spans, and no more than those plus the ones in doubt.</summary>
    public async Task<List<string>> Sdk(int process, SdkOutcomes outcomes, CancellationToken cancel)
    {
        var (ids, wrong) = (new SdkTraces(process), new List<string>());
        int step = Math.Max(1, outcomes.Traces / TracesOfSdkMax);
        for (int trace = 0; trace < outcomes.Traces; trace += step)
        {
            var (acknowledged, unknown) = outcomes.Of(trace);
            if (acknowledged == 0) continue;
            using var answer = await http.GetAsync(new Uri(api, $"/api/traces/{ids.Id(trace)}"), cancel);
            int found = answer.IsSuccessStatusCode ? TraceAnswer.SpanCount(await answer.Content.ReadAsByteArrayAsync(cancel)) : 0;
            if (found < acknowledged || found > acknowledged + unknown)
                wrong.Add($"SDK trace {ids.Id(trace)}: {found} spans, {acknowledged} were acknowledged{(unknown > 0 ? $" and {unknown} are in doubt" : "")}");
        }
        return wrong;
    }

    /// <summary>Compares the server's own count with what was acknowledged.</summary>
    public async Task<List<string>> Total(long acknowledged, long unknown, CancellationToken cancel)
    {
        long? stored = await StoredSpans.Count(http, api, cancel);
        Console.WriteLine($"stored         {(stored is { } count ? $"{count:N0} spans" : "the server does not say")}; acknowledged {acknowledged:N0}, in doubt {unknown:N0}");
        if (stored is null) return ["the server does not say how many spans it holds"];
        return stored < acknowledged ? [$"{acknowledged - stored:N0} acknowledged spans are lost"]
            : stored > acknowledged + unknown ? [$"{stored - acknowledged - unknown:N0} spans too many"] : [];
    }
}
