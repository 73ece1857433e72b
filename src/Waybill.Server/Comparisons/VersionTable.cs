using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Comparisons;

/// <summary>Which resources run which version of a service.</summary>
public sealed class VersionTable(EngineClient engine)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5 };

    /// <summary>Versions that sent spans in a range: their resources and how many spans.</summary>
    public async Task<Dictionary<string, (List<ulong> Resources, long Spans)>> Read(string tenant, string service, TimeRange range, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT resource_id, count() AS spans, any(version) AS version
            FROM spans INNER JOIN (SELECT resource_id, anyLast(attributes)['s:service.version'] AS version FROM resources WHERE tenant = {tenant:String} AND service = {service:String} GROUP BY resource_id) AS origin USING (resource_id)
            WHERE tenant = {tenant:String} AND service = {service:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}
            GROUP BY resource_id ORDER BY resource_id LIMIT 100000
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.String("service", service),
                EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
            ], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var versions = new Dictionary<string, (List<ulong> Resources, long Spans)>(StringComparer.Ordinal);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                string version = block["version"].GetString(row);
                var (resources, spans) = versions.GetValueOrDefault(version, ([], 0));
                resources.Add(block["resource_id"].GetUInt64(row));
                versions[version] = (resources, spans + block["spans"].GetInt64(row));
            }
        return versions;
    }
}
