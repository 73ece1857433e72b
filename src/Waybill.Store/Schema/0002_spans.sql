-- Spans. Ordered by minute, then trace: a trace lies together, so reading one by id touches a few granules, and blocks that arrive
-- in time order barely interleave when they are merged (measured: docs/decisions/0003-spans-by-minute-and-trace.md).
-- Eleven semantic-convention attributes are moved out of the map into columns of their own; an absent one is '' or 0.

CREATE TABLE IF NOT EXISTS spans {on_cluster}
(
    tenant         LowCardinality(String),
    trace_id       FixedString(16) CODEC(ZSTD(1)),
    span_id        FixedString(8) CODEC(NONE),
    parent_id      FixedString(8) CODEC(ZSTD(1)),              -- all zero: root
    start          DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    duration       Int64 CODEC(ZSTD(1)),                       -- ns, end - start as sent; negative when the sender's clock ran back
    service        LowCardinality(String),
    name           LowCardinality(String),
    kind           UInt8 CODEC(ZSTD(1)),                       -- OTLP SpanKind
    status         UInt8 CODEC(ZSTD(1)),                       -- OTLP StatusCode: 0 unset, 1 ok, 2 error
    status_message String CODEC(ZSTD(1)),
    trace_state    String CODEC(ZSTD(1)),
    flags          UInt32 CODEC(ZSTD(1)),
    weight         Float64 CODEC(ZSTD(1)),                     -- how many spans this one stands for; 1 unless the sender sampled
    received       DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    resource_id    UInt64 CODEC(ZSTD(1)),
    scope_id       UInt64 CODEC(ZSTD(1)),
    dropped        LowCardinality(String),                     -- '' or 'attributes,events,links' counts as the SDK reported them
    http_method    LowCardinality(String),
    http_status    UInt16 CODEC(ZSTD(1)),
    http_route     LowCardinality(String),
    url_path       String CODEC(ZSTD(1)),
    server_address LowCardinality(String),
    db_system      LowCardinality(String),
    db_operation   LowCardinality(String),
    db_collection  LowCardinality(String),
    messaging_system      LowCardinality(String),
    messaging_destination LowCardinality(String),
    error_type     LowCardinality(String),
    attributes     Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    events         String CODEC(ZSTD(1)),                      -- '' or JSON: [{"time":ns,"name":"","attributes":{"s:key":"value"},"dropped":0}]
    links          String CODEC(ZSTD(1)),                      -- '' or JSON: [{"trace":"hex","span":"hex","state":"","flags":0,"attributes":{},"dropped":0}]
    INDEX ix_attributes arrayMap((k, v) -> cityHash64(k, v), mapKeys(attributes), mapValues(attributes)) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX ix_duration duration TYPE minmax GRANULARITY 1
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfHour(start) ORDER BY (tenant, toStartOfMinute(start), trace_id)
SETTINGS index_granularity = 4096, min_bytes_for_wide_part = 536870912, ttl_only_drop_parts = 1, merge_max_block_size_bytes = 4194304,
         vertical_merge_algorithm_min_rows_to_activate = 1, {durable};

-- When a trace was: turns a look-up by id into a look-up by minute and id, and tells whether there are logs to look up at all.
CREATE TABLE IF NOT EXISTS trace_index {on_cluster}
(
    tenant   LowCardinality(String),
    trace_id FixedString(16) CODEC(NONE),
    signal   UInt8 CODEC(ZSTD(1)),                              -- 1 spans, 2 logs
    first    SimpleAggregateFunction(min, DateTime('UTC')) CODEC(Delta(4), ZSTD(1)),
    last     SimpleAggregateFunction(max, DateTime('UTC')) CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}AggregatingMergeTree PARTITION BY toStartOfDay(first) ORDER BY (tenant, trace_id, signal)
SETTINGS index_granularity = 1024, {durable};

-- Spans whose start lies too far from when they arrived (Ingest:PastDaysMax, Ingest:FutureMinutesMax): kept by day of arrival, so that
-- no sender's clock can make partitions.
CREATE TABLE IF NOT EXISTS spans_quarantine {on_cluster} AS spans
ENGINE = {replicated}MergeTree PARTITION BY toStartOfDay(received) ORDER BY (tenant, received, trace_id)
SETTINGS {durable};
