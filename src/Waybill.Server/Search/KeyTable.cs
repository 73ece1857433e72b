using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>Asks the catalog which typed keys of some names there are in a range, so that a query is written for those alone.</summary>
internal sealed class KeyTable(EngineClient engine)
{
        /// <param name="names">Names of attributes without their types.</param>
    public async Task<KnownKeys> Find(string tenant, TimeRange range, IReadOnlyCollection<string> names, CancellationToken cancel)
    {
        if (names.Count == 0) return new(new HashSet<string>(), new HashSet<string>(), new HashSet<string>(), new HashSet<string>(), new HashSet<string>());
        await using EngineResponse response = await engine.Query("""
            SELECT DISTINCT toString(scope) AS scope, key FROM attribute_keys
            WHERE tenant = {tenant:String} AND scope IN ('span', 'event', 'link') AND key IN {keys:Array(String)}
              AND hour >= toStartOfHour({since:DateTime64(9, 'UTC')}) AND hour <= {until:DateTime64(9, 'UTC')}
            UNION ALL
            SELECT 'resource' AS scope, arrayJoin(arrayIntersect(mapKeys(attributes), {keys:Array(String)})) AS key FROM resources WHERE tenant = {tenant:String} GROUP BY key
            UNION ALL
            SELECT 'scope' AS scope, arrayJoin(arrayIntersect(mapKeys(attributes), {keys:Array(String)})) AS key FROM scopes WHERE tenant = {tenant:String} GROUP BY key
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
                EngineParameter.Strings("keys", names.SelectMany(name => "sidbj".Select(type => $"{type}:{name}"))),
            ], EngineBounds.LookUp, cancel);
        var keys = new Dictionary<string, HashSet<string>> { ["span"] = [], ["resource"] = [], ["event"] = [], ["link"] = [], ["scope"] = [] };
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) keys[block["scope"].GetString(row)].Add(block["key"].GetString(row));
        return new KnownKeys(keys["span"], keys["resource"], keys["event"], keys["link"], keys["scope"]);
    }
}
