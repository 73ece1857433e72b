-- The service map, a minute at a time: who called, sent to, read from or queried whom. Derived from spans in the background, and again when a minute's
-- spans change: a row counts only under the newest generation of its minute (service_edge_minutes).
-- source and target are service:NAME, queue:SYSTEM/TOPIC, database:SYSTEM/PLACE, external:ADDRESS or '' (from outside).
CREATE TABLE IF NOT EXISTS service_edges {on_cluster}
(
    tenant       LowCardinality(String),
    minute       DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    generation   UInt64 CODEC(Delta(8), ZSTD(1)),
    edge         LowCardinality(String),                     -- entry, call, publish, consume, query, external
    source       LowCardinality(String),
    target       LowCardinality(String),
    operation    LowCardinality(String),                     -- name of the callee's span, of the caller's where there is no callee
    peer         LowCardinality(String),                     -- call, external: the caller's server.address; consume: the sender's service
    spans        UInt64 CODEC(ZSTD(1)),                      -- stored spans, not weighted; everything below is
    requests     Float64 CODEC(ZSTD(1)),
    errors       Float64 CODEC(ZSTD(1)),                     -- as the callee says
    edge_errors  Float64 CODEC(ZSTD(1)),                     -- as either side says
    buckets      Array(UInt16) CODEC(ZSTD(1)),               -- durations: floor(8 log2(ns)) and the weight in each
    counts       Array(Float64) CODEC(ZSTD(1)),
    orphans      Float64 CODEC(ZSTD(1)),                     -- name a parent that was not received
    uncaused     Float64 CODEC(ZSTD(1)),                     -- consumers without parent and without link
    examples     Array(FixedString(16)) CODEC(NONE)          -- up to three traces of the two above
)
ENGINE = {replicated}ReplacingMergeTree(generation) PARTITION BY toStartOfDay(minute) ORDER BY (tenant, minute, edge, source, target, operation, peer)
SETTINGS index_granularity = 1024, {durable};

CREATE TABLE IF NOT EXISTS service_edge_minutes {on_cluster}
(
    tenant     LowCardinality(String),
    minute     DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    generation UInt64 CODEC(Delta(8), ZSTD(1)),
    spans      UInt64 CODEC(ZSTD(1))                           -- spans in the minute when it was derived: another number means derive again
)
ENGINE = {replicated}ReplacingMergeTree(generation) PARTITION BY toStartOfDay(minute) ORDER BY (tenant, minute)
SETTINGS {durable};
