using System.Collections.Concurrent;
using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Traces;

/// <summary>A resource or scope as stored; its attributes are JSON text.</summary>
public sealed record Origin(ulong Id, string Name, string Version, byte[] AttributesJson, string SchemaUrl, long DroppedAttributes);

/// <summary>Looks up resources and scopes by id. They never change under an id, so each is read once and kept; bounded, at the limit everything is forgotten.</summary>
public sealed class OriginTable(EngineClient engine)
{
    private const int KeptMax = 100_000;

    private readonly ConcurrentDictionary<(string Tenant, ulong Id), Origin> _resources = new(), _scopes = new();

    /// <summary>Those of <paramref name="ids"/> that are stored; <see cref="Origin.Name"/> is the service.</summary>
    public Task<IReadOnlyDictionary<ulong, Origin>> Resources(string tenant, IEnumerable<ulong> ids, CancellationToken cancel) =>
        Find(_resources, tenant, ids, """
            SELECT resource_id AS id, any(service) AS name, '' AS version, anyLast(attributes) AS attributes, anyLast(schema_url) AS schema_url, max(dropped) AS dropped
            FROM resources WHERE tenant = {tenant:String} AND resource_id IN {ids:Array(UInt64)} GROUP BY resource_id
            """, cancel);

    public Task<IReadOnlyDictionary<ulong, Origin>> Scopes(string tenant, IEnumerable<ulong> ids, CancellationToken cancel) =>
        Find(_scopes, tenant, ids, """
            SELECT scope_id AS id, anyLast(name) AS name, anyLast(version) AS version, anyLast(attributes) AS attributes, anyLast(schema_url) AS schema_url, max(dropped) AS dropped
            FROM scopes WHERE tenant = {tenant:String} AND scope_id IN {ids:Array(UInt64)} GROUP BY scope_id
            """, cancel);

    private async Task<IReadOnlyDictionary<ulong, Origin>> Find(ConcurrentDictionary<(string, ulong), Origin> kept, string tenant, IEnumerable<ulong> ids, string sql, CancellationToken cancel)
    {
        var found = new Dictionary<ulong, Origin>();
        var missing = new List<ulong>();
        foreach (ulong id in ids)
        {
            if (ReadScope.Mask is null && kept.TryGetValue((tenant, id), out Origin? origin)) found[id] = origin;
            else missing.Add(id);
        }
        if (missing.Count == 0) return found;

        if (ReadScope.Mask is not null) kept = new();   // what is masked for one is not for the next
        if (kept.Count + missing.Count > KeptMax) kept.Clear();
        await using EngineResponse response = await engine.Query(sql, [EngineParameter.String("tenant", tenant), EngineParameter.UInts("ids", missing)], cancel: cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                var origin = new Origin(block["id"].GetUInt64(row), block["name"].GetString(row), block["version"].GetString(row),
                    StoredAttributes.ToJson(block["attributes"], row), block["schema_url"].GetString(row), block["dropped"].GetInt64(row));
                found[origin.Id] = kept[(tenant, origin.Id)] = origin;
            }
        return found;
    }
}
