using System.Globalization;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Traces;

/// <summary>One service as its spans show it.</summary>
/// <param name="SpanCount">Stored spans.</param>
/// <param name="WeightedSpanCount">Spans they stand for, where the sender sampled.</param>
/// <param name="RequestCount">Entry spans (server, consumer, or without a parent), weighted; the durations are theirs.</param>
/// <param name="Versions">Values of <c>service.version</c> seen in the range, sorted.</param>
public sealed record ServiceSummary(
    string Service, string[] Namespaces, string[] Versions, long SpanCount, double WeightedSpanCount, double RequestCount, double RequestErrorCount,
    double? P50Nano, double? P95Nano, string LastSeenUnixNano);

public sealed record ServiceListing(IReadOnlyList<ServiceSummary> Services, string SinceUnixNano, string UntilUnixNano);

/// <summary>Lists the services that sent spans in a range.</summary>
public sealed class ServiceList(EngineClient engine)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10 };

    public async Task<ServiceListing> Read(string tenant, TimeRange range, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters =
        [
            EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
        ];
        var origins = ReadOrigins(parameters, cancel);
        await using EngineResponse response = await engine.Query("""
            WITH (kind IN (2, 5) OR parent_id = toFixedString('', 8)) AS entry
            SELECT service, count() AS span_count, sum(weight) AS weighted, sumIf(weight, entry) AS requests, sumIf(weight, entry AND status = 2) AS request_errors,
                   quantilesTDigestIf(0.5, 0.95)(greatest(duration, 0), entry) AS quantiles, max(start) AS last_seen
            FROM spans WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}
            GROUP BY service ORDER BY service
            """, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var services = new List<ServiceSummary>();
        var known = await origins;
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                string service = block["service"].GetString(row);
                known.TryGetValue(service, out var origin);
                BlockColumn quantiles = block["quantiles"];
                int at = quantiles.GetRange(row).Start.Value;
                services.Add(new ServiceSummary(service, origin.Namespaces ?? [], origin.Versions ?? [], block["span_count"].GetInt64(row), block["weighted"].GetDouble(row),
                    block["requests"].GetDouble(row), block["request_errors"].GetDouble(row), Finite(quantiles.Values!.GetDouble(at)), Finite(quantiles.Values.GetDouble(at + 1)),
                    block["last_seen"].GetInt64(row).ToString(CultureInfo.InvariantCulture)));
            }
        return new ServiceListing(services, range.SinceUnixNano.ToString(CultureInfo.InvariantCulture), range.UntilUnixNano.ToString(CultureInfo.InvariantCulture));
    }

    private async Task<Dictionary<string, (string[] Namespaces, string[] Versions)>> ReadOrigins(List<KeyValuePair<string, string>> parameters, CancellationToken cancel)
    {
        // A resource is written again about once an hour, so one seen in the range was last seen after an hour before it.
        await using EngineResponse response = await engine.Query("""
            SELECT service, arraySort(groupUniqArrayIf(attributes['s:service.namespace'], attributes['s:service.namespace'] != '')) AS namespaces,
                   arraySort(groupUniqArrayIf(attributes['s:service.version'], attributes['s:service.version'] != '')) AS versions
            FROM resources WHERE tenant = {tenant:String} AND last_seen >= {since:DateTime64(9, 'UTC')} - INTERVAL 2 HOUR AND first_seen < {until:DateTime64(9, 'UTC')}
            GROUP BY service
            """, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var origins = new Dictionary<string, (string[], string[])>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                origins[block["service"].GetString(row)] = (Strings(block["namespaces"], row), Strings(block["versions"], row));
        return origins;
    }

    private static string[] Strings(BlockColumn array, int row)
    {
        Range range = array.GetRange(row);
        return [.. Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value).Select(array.Values!.GetString)];
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
