using Waybill.Traces;

namespace Waybill.Map;

/// <summary>
/// The statements that add up one minute of spans into edges of the service map. Measured: 1 CPU-second a million spans. With a <c>share</c> above 1 only one trace in so
/// many is read, whole, and counts so many times.
/// </summary>
internal static class EdgeSql
{
    /// <summary>How far apart a call's two ends may start, clocks included; what waited longer in a queue is looked up by its trace.</summary>
    private const string Margin = "INTERVAL 10 SECOND";

    /// <summary>Operations of one target in one minute that are told apart; names that hold ids would make a row a span.</summary>
    private const int OperationsMax = 200;

    private const string Sampled = " AND ({share:UInt32} = 1 OR cityHash64(trace_id) % {share:UInt32} = 0)";
    private const string Minute = "start >= {minute:DateTime64(9, 'UTC')} AND start < {minute:DateTime64(9, 'UTC')} + INTERVAL 1 MINUTE" + Sampled;
    private const string Around = "start >= {minute:DateTime64(9, 'UTC')} - " + Margin + " AND start < {minute:DateTime64(9, 'UTC')} + INTERVAL 1 MINUTE + " + Margin + Sampled;
    private const string Queue = "concat(messaging_system, '/', messaging_destination)";
    private const string ParentColumns = "cityHash64(trace_id, span_id) AS key, service, kind, status, server_address, messaging_destination, " + Queue + " AS queue";

    /// <summary>Traces with spans whose parents are not near them in time: parents that waited, or were never received.</summary>
    public const string FarTraces = $$"""
        SELECT DISTINCT lower(hex(trace_id)) AS id FROM spans
        WHERE tenant = {tenant:String} AND {{Minute}} AND parent_id != toFixedString('', 8)
          AND cityHash64(trace_id, parent_id) NOT IN (SELECT cityHash64(trace_id, span_id) FROM spans WHERE tenant = {tenant:String} AND {{Around}})
        LIMIT {limit:UInt32}
        """;

    private const string Environments = """
        (SELECT resource_id, if(attributes['s:deployment.environment.name'] = '', attributes['s:deployment.environment'], attributes['s:deployment.environment.name']) AS environment
         FROM resources WHERE tenant = {tenant:String}) AS r
        """;

    private const string FarParents = $$"""
            UNION ALL
            SELECT {{ParentColumns}} FROM spans
            WHERE tenant = {tenant:String} AND start >= {minute:DateTime64(9, 'UTC')} - toIntervalHour({reachHours:UInt32}) AND start < {minute:DateTime64(9, 'UTC')} - {{Margin}}
              AND {{TraceMinutes.OfIds}}
        """;

    // A span that enters a service: a server or consumer, a root, an orphan, or the child of another service's span. Clients and producers are their parents' own.
    private static string Entries(bool withFarParents) => $$"""
        SELECT multiIf(topic != '', 'consume', p.key = 0, 'entry', 'call') AS edge,
               multiIf(topic != '', concat('queue:', topic), p.key = 0, '', concat('service:', p.service)) AS source,
               concat('service:', e.service) AS target,
               multiIf(e.kind = 5 AND e.messaging_destination != '', e.queue, p.kind = 4 AND p.messaging_destination != '', p.queue, '') AS topic,
               e.name AS operation, r.environment AS environment, if(topic != '', p.service, p.server_address) AS peer,
               e.status = 2 AS failed, p.status = 2 AS caller_failed, e.duration AS duration, e.weight * {share:UInt32} AS adjusted, e.trace_id AS trace_id,
               NOT e.root AND p.key = 0 AS is_orphan, e.root AND e.kind = 5 AND e.unlinked AS is_uncaused
        FROM
        (
            SELECT cityHash64(trace_id, parent_id) AS parent_key, trace_id, resource_id, parent_id = toFixedString('', 8) AS root, service, name, kind, status, duration, weight,
                   messaging_destination, {{Queue}} AS queue, links = '' AS unlinked
            FROM spans WHERE tenant = {tenant:String} AND {{Minute}}
              AND (kind IN (0, 1, 2, 5) OR parent_id = toFixedString('', 8){{(withFarParents ? " OR trace_id IN (SELECT unhex(arrayJoin({ids:Array(String)})))" : "")}})
        ) AS e
        LEFT ANY JOIN
        (
            SELECT {{ParentColumns}} FROM spans WHERE tenant = {tenant:String} AND {{Around}}
            {{(withFarParents ? FarParents : "")}}
        ) AS p ON e.parent_key = p.key
        LEFT ANY JOIN {{Environments}} ON e.resource_id = r.resource_id
        WHERE e.kind IN (2, 5) OR p.key = 0 OR p.service != e.service
        """;

    // A span that leaves a service for something that sends no spans: a topic, a database, a peer without instrumentation.
    private const string Exits = $$"""
        SELECT multiIf(kind = 4, 'publish', db_system != '', 'query', 'external') AS edge, concat('service:', service) AS source,
               multiIf(kind = 4, concat('queue:', {{Queue}}), db_system != '', concat('database:', db_system, '/', if(server_address = '', service, server_address)),
                       concat('external:', server_address)) AS target,
               '' AS topic, name AS operation, r.environment AS environment, server_address AS peer, status = 2 AS failed, 0 AS caller_failed, duration, weight * {share:UInt32} AS adjusted, trace_id, 0 AS is_orphan, 0 AS is_uncaused
        FROM spans LEFT ANY JOIN {{Environments}} ON spans.resource_id = r.resource_id
        WHERE tenant = {tenant:String} AND {{Minute}}
          AND (kind = 4 AND messaging_destination != '' OR kind != 4 AND db_system != '' OR kind = 3 AND server_address != '' AND messaging_destination = ''
            AND cityHash64(trace_id, span_id) NOT IN (SELECT cityHash64(trace_id, parent_id) FROM spans WHERE tenant = {tenant:String} AND {{Around}} AND kind != 3))
        """;

    public static string Insert(bool withFarParents) => $$"""
        INSERT INTO service_edges
        SELECT {tenant:String}, {minute:DateTime64(9, 'UTC')}, {generation:UInt64}, edge, source, target, if(place > {{OperationsMax}}, '', name) AS shown, peer, environment,
               sum(spans), sum(requests), sum(errors), sum(edge_errors), (sumMap(histogram.1, histogram.2) AS durations).1, durations.2, sum(orphans), sum(uncaused),
               arraySlice(groupArrayArray(examples), 1, 3)
        FROM
        (
            SELECT edge, source, target, operation AS name, peer, environment, count() AS spans, sum(adjusted) AS requests, sumIf(adjusted, failed) AS errors,
                   sumIf(adjusted, failed OR caller_failed) AS edge_errors, sumMap([toUInt16(8 * log2(greatest(duration, 1)))], [adjusted]) AS histogram,
                   sumIf(adjusted, is_orphan) AS orphans, sumIf(adjusted, is_uncaused) AS uncaused, groupArrayIf(3)(trace_id, is_orphan OR is_uncaused) AS examples,
                   row_number() OVER (PARTITION BY target ORDER BY count() DESC) AS place
            FROM
            (
                {{Entries(withFarParents)}}
                UNION ALL
                {{Exits}}
            )
            GROUP BY edge, source, target, operation, peer, environment
        )
        GROUP BY edge, source, target, shown, peer, environment
        """;
}
