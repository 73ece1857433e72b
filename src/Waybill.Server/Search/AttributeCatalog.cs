using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Query.Syntax;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>An attribute that was seen, for each of its types.</summary>
/// <param name="Values">About how many different values; 0 where that is not kept.</param>
/// <param name="Spans">Spans that have it, not weighted; of a resource the rows that say so.</param>
public sealed record SeenAttribute([property: AllowedValues("span", "resource", "event", "link", "instrumentation", "intrinsic")] string Scope, string Key, string Type, long Values, long Spans, string? LastSeenUnixNano);

public sealed record AttributeListing([AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<SeenAttribute> Attributes);

/// <summary>Lists the attributes that are stored, from the catalog that the inserts keep.</summary>
public sealed class AttributeCatalog(EngineClient engine)
{
    /// <summary>A resource is written again about once an hour, so one of the range was last seen after an hour before it. When it was seen first tells nothing: that is when it arrived, and spans may be older.</summary>
    internal const string ResourcesInRange = "tenant = {tenant:String} AND last_seen >= {since:DateTime64(9, 'UTC')} - INTERVAL 2 HOUR";

    internal const string HoursInRange = "tenant = {tenant:String} AND hour >= toStartOfHour({since:DateTime64(9, 'UTC')}) AND hour < {until:DateTime64(9, 'UTC')}";

        /// <param name="scope">One of the scopes; null for all.</param>
    /// <param name="prefix">How the key begins.</param>
    public async Task<AttributeListing> List(string tenant, TimeRange range, string? scope, string prefix, int limit, CancellationToken cancel)
    {
        List<SeenAttribute> seen = scope is null or "intrinsic" ? [.. IntrinsicValues.All.Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal))] : [];
        await using EngineResponse response = await engine.Query($"""
            SELECT * FROM (
              SELECT if(scope = 'column', 'span', toString(scope)) AS place, key AS typed, sum(attribute_keys.spans) AS having_it, uniqCombinedMerge(12)(cardinality) AS different, max(attribute_keys.last_seen) AS seen
              FROM attribute_keys WHERE {HoursInRange} AND scope != 'intrinsic' GROUP BY place, typed
              UNION ALL
              SELECT 'resource' AS place, typed, count() AS having_it, uniq(value) AS different, max(resources.last_seen) AS seen
              FROM resources ARRAY JOIN mapKeys(attributes) AS typed, mapValues(attributes) AS value WHERE {ResourcesInRange} GROUP BY typed
              UNION ALL
              SELECT 'instrumentation' AS place, typed, count() AS having_it, uniq(value) AS different, max(scopes.last_seen) AS seen
              FROM scopes ARRAY JOIN mapKeys(attributes) AS typed, mapValues(attributes) AS value WHERE tenant = {"{tenant:String}"} GROUP BY typed
            ) WHERE startsWith(substring(typed, 3), {"{prefix:String}"}) AND ({"{scope:String}"} = '' OR place = {"{scope:String}"}) ORDER BY having_it DESC, place, typed LIMIT {"{limit:UInt32}"}
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
                EngineParameter.String("prefix", prefix), EngineParameter.String("scope", scope ?? ""), EngineParameter.Int("limit", limit + 1L),
            ], EngineBounds.LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                string typed = block["typed"].GetString(row);
                if (typed.Length >= 2)
                    seen.Add(new SeenAttribute(block["place"].GetString(row), typed[2..], TypeOf(typed[0]), block["different"].GetInt64(row), block["having_it"].GetInt64(row),
                        (block["seen"].GetInt64(row) * 1_000_000_000).ToString(CultureInfo.InvariantCulture)));
            }
        bool more = seen.Count > limit;
        IReadOnlyList<PartialReason> reasons = more ? [new("over_limit", $"There are more attributes; the {limit} on most spans are here. Raise limit, or send a prefix or a scope.")] : [];
        return new AttributeListing(more ? "partial" : "complete", reasons, [.. seen.Take(limit)]);
    }

    internal static string TypeOf(char letter) => letter switch
    {
        's' => "string", 'i' => "int", 'd' => "float", 'b' => "bool", 'x' => "bytes", 'j' => "array", _ => "nil",
    };
}
