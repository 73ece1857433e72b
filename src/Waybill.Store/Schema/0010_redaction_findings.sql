-- What redaction found and changed, by request: what kind, where, how often, by which rule. No sensitive text. Written in the spool record of the telemetry
-- it was found in, so it is stored exactly when that is; `request` (64 bits of the request's hash) keeps equal counts of two requests apart.

CREATE TABLE IF NOT EXISTS redaction_findings {on_cluster}
(
    tenant   LowCardinality(String),
    received DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    request  UInt64 CODEC(ZSTD(1)),
    service  LowCardinality(String),
    signal   LowCardinality(String),                            -- traces, logs, metrics, changes, audit
    carrier  LowCardinality(String),                            -- where in the item: span.attributes, log.body, ...
    key      LowCardinality(String),                            -- the attribute's key as it is stored
    detector LowCardinality(String),
    rule     LowCardinality(String),
    action   LowCardinality(String),
    count    UInt64 CODEC(ZSTD(1))
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfDay(received) ORDER BY (tenant, toStartOfHour(received), service, detector)
SETTINGS ttl_only_drop_parts = 1, {durable};

-- The second, stricter scan of a sample of what is stored: how many items still had something sensitive in them (M9; the target is 0).
CREATE TABLE IF NOT EXISTS redaction_scans {on_cluster}
(
    tenant  LowCardinality(String),
    scanned DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    rules   String,                                             -- version of the rules in force
    items   UInt64,
    exposed UInt64
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfYear(scanned) ORDER BY (tenant, scanned)
SETTINGS {durable};
