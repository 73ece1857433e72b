-- What was changed, by whom. A row is a report: what one source said about one change, once. Reports with the same id are one change, put
-- together when it is read (ChangeTable), so that a report that arrives late completes it.

CREATE TABLE IF NOT EXISTS changes {on_cluster}
(
    tenant           LowCardinality(String),
    id               FixedString(16) CODEC(NONE),               -- first half of the SHA-256 of the source's own name for it
    reported         DateTime64(9, 'UTC') CODEC(ZSTD(1)),       -- when the source says that it was so
    received         DateTime('UTC') CODEC(ZSTD(1)),
    started          DateTime64(9, 'UTC') CODEC(ZSTD(1)),       -- 1970: not said
    finished         DateTime64(9, 'UTC') CODEC(ZSTD(1)),       -- 1970: not said, or not yet
    kind             LowCardinality(String),
    type             LowCardinality(String),                    -- the source's own word for it
    source           LowCardinality(String),
    report_key       String CODEC(ZSTD(1)),
    summary          String CODEC(ZSTD(1)),
    service          LowCardinality(String),
    namespace        LowCardinality(String),
    instance         String CODEC(ZSTD(1)),
    zone             LowCardinality(String),
    subject          String CODEC(ZSTD(1)),
    environment      LowCardinality(String),
    version          String CODEC(ZSTD(1)),
    previous_version String CODEC(ZSTD(1)),
    commit           String CODEC(ZSTD(1)),
    previous_commit  String CODEC(ZSTD(1)),
    repository       String CODEC(ZSTD(1)),
    artifact         String CODEC(ZSTD(1)),
    pipeline         String CODEC(ZSTD(1)),
    pipeline_run     String CODEC(ZSTD(1)),
    pipeline_url     String CODEC(ZSTD(1)),
    author           String CODEC(ZSTD(1)),
    outcome          LowCardinality(String),                    -- '', running, success, failure, cancelled
    before           String CODEC(ZSTD(1)),
    after            String CODEC(ZSTD(1)),
    links            String CODEC(ZSTD(1)),                     -- '' or JSON: [{"title":"","url":""}]
    evidence         String CODEC(ZSTD(1)),                     -- '' or JSON: [""]: what it was inferred from
    trace_id         String CODEC(ZSTD(1)),                     -- '' or the hexadecimal id of the pipeline's trace
    attributes       Map(String, String) CODEC(ZSTD(1))
)
ENGINE = {replicated}MergeTree ORDER BY (tenant, id, reported)
SETTINGS index_granularity = 1024, {durable};

-- Exceptions of span events and log records, grouped when they are taken in. Copies of what spans and logs hold, because reading those for
-- them takes seconds.
CREATE TABLE IF NOT EXISTS exceptions {on_cluster}
(
    tenant      LowCardinality(String),
    time        DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    service     LowCardinality(String),
    group_id    UInt64 CODEC(ZSTD(1)),
    type        LowCardinality(String),
    message     String CODEC(ZSTD(1)),                          -- the first 512 bytes
    operation   LowCardinality(String),                         -- the span's name, or the log record's event name
    signal      UInt8 CODEC(ZSTD(1)),                           -- 1 span, 2 log record
    trace_id    FixedString(16) CODEC(ZSTD(1)),
    span_id     FixedString(8) CODEC(ZSTD(1)),
    resource_id UInt64 CODEC(ZSTD(1)),
    weight      Float64 CODEC(ZSTD(1)),
    received    DateTime('UTC') CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfDay(time) ORDER BY (tenant, toStartOfMinute(time), service, group_id)
SETTINGS index_granularity = 4096, ttl_only_drop_parts = 1, {durable};

-- What the exceptions of a group have in common; kept longer than they are, so that "never seen before" is true.
CREATE TABLE IF NOT EXISTS exception_groups {on_cluster}
(
    tenant     LowCardinality(String),
    service    LowCardinality(String),
    group_id   UInt64,
    type       SimpleAggregateFunction(anyLast, String),
    culprit    SimpleAggregateFunction(anyLast, String),        -- the first frame that is not of the platform
    frames     SimpleAggregateFunction(anyLast, String) CODEC(ZSTD(1)),   -- normalised, one a line
    stack      SimpleAggregateFunction(anyLast, String) CODEC(ZSTD(1)),   -- as one of them was sent, the first 16 KiB
    first_seen SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    last_seen  SimpleAggregateFunction(max, DateTime64(9, 'UTC'))
)
ENGINE = {replicated}AggregatingMergeTree ORDER BY (tenant, service, group_id)
SETTINGS index_granularity = 1024, {durable};

-- Which value of a feature flag was seen, where in which trace.
CREATE TABLE IF NOT EXISTS flag_evaluations {on_cluster}
(
    tenant      LowCardinality(String),
    time        DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    service     LowCardinality(String),
    flag        LowCardinality(String),
    value       LowCardinality(String),                         -- feature_flag.result.value, else the variant
    variant     LowCardinality(String),
    reason      LowCardinality(String),
    provider    LowCardinality(String),
    context     String CODEC(ZSTD(1)),
    signal      UInt8 CODEC(ZSTD(1)),                           -- 1 span, 2 log record
    trace_id    FixedString(16) CODEC(ZSTD(1)),
    span_id     FixedString(8) CODEC(ZSTD(1)),
    resource_id UInt64 CODEC(ZSTD(1)),
    weight      Float64 CODEC(ZSTD(1)),
    received    DateTime('UTC') CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfDay(time) ORDER BY (tenant, toStartOfMinute(time), trace_id)
SETTINGS index_granularity = 4096, ttl_only_drop_parts = 1, {durable};
