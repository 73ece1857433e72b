using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Changes.Inference;

/// <summary>Reads which instances were seen when, from the resources that they sent.</summary>
public sealed class SightingTable(EngineClient engine)
{
    /// <summary>Instances read at most, the newest; of a service with more, releases long gone are forgotten first.</summary>
    private const int SightingsMax = 100_000;

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10, ThreadsMax = 1 };

    public async Task<List<Sighting>> Read(string tenant, long sinceUnixSeconds, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT service, any(attributes['s:service.namespace']) AS space,
                   if(attributes['s:deployment.environment.name'] != '', attributes['s:deployment.environment.name'], attributes['s:deployment.environment']) AS environment,
                   attributes['s:service.version'] AS version,
                   multiIf(attributes['j:container.image.repo_digests'] != '', extract(attributes['j:container.image.repo_digests'], 'sha256:[0-9a-f]+'),
                           attributes['s:oci.manifest.digest'] != '', attributes['s:oci.manifest.digest'], attributes['s:container.image.id'] != '', attributes['s:container.image.id'],
                           attributes['j:container.image.tags'] != '', JSONExtractString(attributes['j:container.image.tags'], 1), attributes['s:container.image.tag']) AS image,
                   multiIf(attributes['s:service.instance.id'] != '', attributes['s:service.instance.id'], attributes['s:k8s.pod.uid'] != '', attributes['s:k8s.pod.uid'],
                           attributes['s:container.id'] != '', attributes['s:container.id'], attributes['s:host.name'] != '', concat(attributes['s:host.name'], '/', attributes['i:process.pid']),
                           lower(hex(resource_id))) AS instance,
                   any(attributes['s:cloud.availability_zone']) AS zone, any(attributes['s:vcs.ref.head.revision']) AS commit, any(attributes['s:vcs.repository.url.full']) AS repository, min(first_seen) AS first
            FROM (SELECT service, resource_id, anyLast(attributes) AS attributes, min(first_seen) AS first_seen, max(last_seen) AS last_seen FROM resources WHERE tenant = {tenant:String} GROUP BY service, resource_id)
            WHERE last_seen >= toDateTime({since:Int64}, 'UTC') AND service != '' AND attributes['s:k8s.object.kind'] = ''
            GROUP BY service, environment, version, image, instance ORDER BY first DESC LIMIT {limit:UInt32}
            """,
            [EngineParameter.String("tenant", tenant), EngineParameter.Int("since", sinceUnixSeconds), EngineParameter.Int("limit", SightingsMax)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var sightings = new List<Sighting>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) sightings.Add(ReadRow(block, row));
        return sightings;
    }

    private static Sighting ReadRow(Block block, int row)
    {
        return new Sighting(Text("service"), Text("space"), Text("environment"), new Release(Text("version"), Text("image")), Text("instance"), Text("zone"), Text("commit"), Text("repository"),
            block["first"].GetInt64(row));

        string Text(string column) => block[column].GetString(row);
    }
}
