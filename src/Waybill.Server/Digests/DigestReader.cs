using Waybill.Batches;
using System.Globalization;
using Waybill.Catalogs;
using Waybill.Changes;
using Waybill.Graph;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Digests;

/// <summary>Reads a trace whole and makes its digest.</summary>
public sealed class DigestReader(TraceReader traces, LinkTable links, AliasKeys aliasKeys, ChangeTable changes, Catalog catalog)
{
    private const int SpansMax = 200_000, LogsMax = 10_000, EffectsMax = 200, ChangesMax = 500;

    /// <returns>Null when nothing of the trace is stored.</returns>
    public async Task<TraceDigest?> Read(string tenant, TraceId id, CancellationToken cancel)
    {
        if (await ReadWithTrace(tenant, id, cancel) is not { Digest: var digest }) return null;
        if (digest.Services.Count == 0) return digest;
        long start = (long)ulong.Parse(digest.StartUnixNano, CultureInfo.InvariantCulture), end = start + digest.DurationNano;
        ChangePage page = await changes.Read(tenant, new TimeRange(start - DigestChanges.ReachNano, end + 1), new ChangeFilter { Services = [.. digest.Services.Select(service => service.Service)] }, ChangesMax, null, cancel);
        return digest with { Changes = DigestChanges.Of(page.Changes, digest.Services, start, end) };
    }

    /// <summary>The digest without its changes, and the trace that it was made of.</summary>
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
