-- Log records and events. `time` is when it happened, or when it was observed if the sender did not say.

CREATE TABLE IF NOT EXISTS logs {on_cluster}
(
    tenant        LowCardinality(String),
    time          DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    happened      DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),   -- time_unix_nano as sent; 1970 when unknown
    observed      DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),   -- observed_time_unix_nano as sent; 1970 when unknown
    service       LowCardinality(String),
    severity      Int32 CODEC(ZSTD(1)),                            -- OTLP SeverityNumber
    severity_text LowCardinality(String),
    event_name    LowCardinality(String),
    body          String CODEC(ZSTD(1)),
    body_type     UInt8 CODEC(ZSTD(1)),                            -- the letter of the value's type, as before attribute keys
    trace_id      FixedString(16) CODEC(ZSTD(1)),
    span_id       FixedString(8) CODEC(ZSTD(1)),
    flags         UInt32 CODEC(ZSTD(1)),
    weight        Float64 CODEC(ZSTD(1)),
    received      DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    resource_id   UInt64 CODEC(ZSTD(1)),
    scope_id      UInt64 CODEC(ZSTD(1)),
    dropped       UInt32 CODEC(ZSTD(1)),
    attributes    Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    INDEX ix_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX ix_attributes arrayMap((k, v) -> cityHash64(k, v), mapKeys(attributes), mapValues(attributes)) TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfHour(time) ORDER BY (tenant, toStartOfMinute(time), service, time)
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1, {durable};

CREATE TABLE IF NOT EXISTS logs_quarantine {on_cluster} AS logs
ENGINE = {replicated}MergeTree PARTITION BY toStartOfDay(received) ORDER BY (tenant, received)
SETTINGS {durable};
