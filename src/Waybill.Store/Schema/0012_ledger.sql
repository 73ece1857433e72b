-- The ledger's entries as rows to search. The ledger itself is files (C2SP tlog-tiles) beside the engine; rows follow it and can be made again from it.
-- digest is the entry's leaf hash: a row that was changed here no longer fits it.

CREATE TABLE IF NOT EXISTS ledger {on_cluster}
(
    tenant     LowCardinality(String),
    number     UInt64 CODEC(Delta(8), ZSTD(1)),               -- dense from 0 over all tenants
    time       DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    act        LowCardinality(String),
    subject    String CODEC(ZSTD(1)),
    outcome    LowCardinality(String),
    actor_kind LowCardinality(String),
    actor      String CODEC(ZSTD(1)),
    address    String CODEC(ZSTD(1)),
    session    String CODEC(ZSTD(1)),
    trace_id   String CODEC(ZSTD(1)),                         -- 32 hexadecimal digits or ''
    entry      String CODEC(ZSTD(1)),                         -- the bytes that are hashed: JSON
    digest     FixedString(32) CODEC(NONE),
    INDEX ix_actor actor TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX ix_subject subject TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX ix_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX ix_address address TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfMonth(time) ORDER BY (tenant, time, number)
SETTINGS {durable};
