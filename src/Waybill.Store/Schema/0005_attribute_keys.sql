-- Which attributes spans have, by hour: for completion, and to know a key's types before a query is written as SQL. Kept by the inserts
-- into spans; costs 0.35 us a span, a tenth of the insert. Keys carry their type letter, as in spans.
-- A catalog, not a count: a segment that is stored twice after a power cut is counted twice. Of values, up to 200 an hour are kept,
-- short ones only: of a key with fewer these are all.

CREATE TABLE IF NOT EXISTS attribute_keys {on_cluster}
(
    tenant      LowCardinality(String),
    scope       LowCardinality(String),                        -- span, event or link; column for what has a column of its own; intrinsic
    key         String,
    hour        DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    spans       SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    cardinality AggregateFunction(uniqCombined(12), String) CODEC(ZSTD(1)),
    sample      SimpleAggregateFunction(groupUniqArrayArray(200), Array(String)) CODEC(ZSTD(1)),
    last_seen   SimpleAggregateFunction(max, DateTime('UTC')) CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}AggregatingMergeTree PARTITION BY toStartOfDay(hour) ORDER BY (tenant, scope, key, hour)
SETTINGS index_granularity = 1024, {durable};

CREATE MATERIALIZED VIEW IF NOT EXISTS attribute_keys_of_spans {on_cluster} TO attribute_keys AS
SELECT tenant, 'span' AS scope, toString(typed_key) AS key, toStartOfHour(start) AS hour, count() AS spans, uniqCombinedState(12)(value) AS cardinality,
       groupUniqArrayIf(200)(value, length(value) <= 256) AS sample, toDateTime(max(start), 'UTC') AS last_seen
FROM spans ARRAY JOIN mapKeys(attributes) AS typed_key, mapValues(attributes) AS value
GROUP BY tenant, typed_key, hour;

-- The same of what has a column of its own: one row an hour and a tenant is made first, with a sample of every column, then split.
CREATE MATERIALIZED VIEW IF NOT EXISTS attribute_keys_of_columns {on_cluster} TO attribute_keys AS
SELECT tenant, item.1 AS scope, item.2 AS key, hour, item.3 AS spans, arrayReduce('uniqCombinedState(12)', arrayFilter(value -> value != '', item.4)) AS cardinality,
       arrayFilter(value -> value != '', item.4) AS sample, last_seen
FROM
(
    SELECT tenant, toStartOfHour(start) AS hour, toDateTime(max(start), 'UTC') AS last_seen, arrayJoin(
    [
        ('intrinsic', 's:name', count(), CAST(groupUniqArrayIf(200)(name, length(name) <= 256) AS Array(String))),
        ('intrinsic', 's:service', count(), CAST(groupUniqArrayIf(200)(service, length(service) <= 256) AS Array(String))),
        ('column', 's:http.request.method', countIf(http_method != ''), CAST(groupUniqArrayIf(200)(http_method, length(http_method) <= 256) AS Array(String))),
        ('column', 'i:http.response.status_code', countIf(http_status != 0), arrayMap(status -> if(status = 0, '', toString(status)), groupUniqArray(200)(http_status))),
        ('column', 's:http.route', countIf(http_route != ''), CAST(groupUniqArrayIf(200)(http_route, length(http_route) <= 256) AS Array(String))),
        ('column', 's:url.path', countIf(url_path != ''), groupUniqArrayIf(200)(url_path, length(url_path) <= 256)),
        ('column', 's:server.address', countIf(server_address != ''), CAST(groupUniqArrayIf(200)(server_address, length(server_address) <= 256) AS Array(String))),
        ('column', 's:db.system.name', countIf(db_system != ''), CAST(groupUniqArrayIf(200)(db_system, length(db_system) <= 256) AS Array(String))),
        ('column', 's:db.operation.name', countIf(db_operation != ''), CAST(groupUniqArrayIf(200)(db_operation, length(db_operation) <= 256) AS Array(String))),
        ('column', 's:db.collection.name', countIf(db_collection != ''), CAST(groupUniqArrayIf(200)(db_collection, length(db_collection) <= 256) AS Array(String))),
        ('column', 's:messaging.system', countIf(messaging_system != ''), CAST(groupUniqArrayIf(200)(messaging_system, length(messaging_system) <= 256) AS Array(String))),
        ('column', 's:messaging.destination.name', countIf(messaging_destination != ''), CAST(groupUniqArrayIf(200)(messaging_destination, length(messaging_destination) <= 256) AS Array(String))),
        ('column', 's:error.type', countIf(error_type != ''), CAST(groupUniqArrayIf(200)(error_type, length(error_type) <= 256) AS Array(String)))
    ]) AS item
    FROM spans GROUP BY tenant, hour
)
WHERE item.3 > 0;

-- Keys alone, as pieces between quotes that look like a typed key; a text that looks like one is a key too many, which costs a look.
CREATE MATERIALIZED VIEW IF NOT EXISTS attribute_keys_of_attachments {on_cluster} TO attribute_keys AS
SELECT tenant, item.1 AS scope, item.2 AS key, toStartOfHour(start) AS hour, count() AS spans, arrayReduce('uniqCombinedState(12)', CAST([] AS Array(String))) AS cardinality,
       CAST([] AS Array(String)) AS sample, toDateTime(max(start), 'UTC') AS last_seen
FROM spans ARRAY JOIN arrayConcat(
    arrayMap(piece -> ('event', piece), arrayFilter(piece -> substring(piece, 2, 1) = ':' AND length(piece) <= 256, splitByChar('"', events))),
    arrayMap(piece -> ('link', piece), arrayFilter(piece -> substring(piece, 2, 1) = ':' AND length(piece) <= 256, splitByChar('"', links)))) AS item
WHERE events != '' OR links != ''
GROUP BY tenant, item, hour;
