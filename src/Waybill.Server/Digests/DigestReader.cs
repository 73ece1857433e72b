using Waybill.Batches;
using Waybill.Catalogs;
using Waybill.Graph;
using Waybill.Traces;

namespace Waybill.Digests;

/// <summary>Reads a trace whole and makes its digest.</summary>
public sealed class DigestReader(TraceReader traces, LinkTable links, AliasKeys aliasKeys, Catalog catalog)
{
    private const int SpansMax = 200_000, LogsMax = 10_000, EffectsMax = 200;

    /// <returns>Null when nothing of the trace is stored.</returns>
    public async Task<TraceDigest?> Read(string tenant, TraceId id, CancellationToken cancel) => (await ReadWithTrace(tenant, id, cancel))?.Digest;

    /// <summary>The digest, and the trace that it was made of.</summary>
    public async Task<(TraceAnswer Answer, TraceDigest Digest)?> ReadWithTrace(string tenant, TraceId id, CancellationToken cancel)
    {
        Task<List<Backlink>> effects = links.To(tenant, [id], EffectsMax, cancel);
        TraceAnswer? answer = await traces.Read(tenant, id, skeleton: false, SpansMax, LogsMax, cancel);
        List<Backlink> pointing = await effects;
        if (answer is null) return null;
        return (answer, new DigestBuilder(answer, aliasKeys, catalog.Current).Build(
            [.. pointing.DistinctBy(link => link.From).Select(link => new LinkedTrace(link.From.ToString(), link.FromSpan.ToString(), "effect", "link"))]));
    }
}
