-- A series is a metric's name, kind, unit, resource, scope and attributes; points name it by the first 64 bits of its SHA-256.

CREATE TABLE IF NOT EXISTS metric_series {on_cluster}
(
    tenant      LowCardinality(String),
    metric      LowCardinality(String),
    service     LowCardinality(String),
    series_id   UInt64,
    kind        SimpleAggregateFunction(anyLast, UInt8),      -- number of the field in OTLP's Metric: 5 gauge, 7 sum, 9 histogram, 10 exponential histogram, 11 summary
    unit        SimpleAggregateFunction(anyLast, String),
    description SimpleAggregateFunction(anyLast, String),
    temporality SimpleAggregateFunction(anyLast, UInt8),      -- OTLP AggregationTemporality
    monotonic   SimpleAggregateFunction(anyLast, UInt8),
    resource_id SimpleAggregateFunction(anyLast, UInt64),
    scope_id    SimpleAggregateFunction(anyLast, UInt64),
    attributes  SimpleAggregateFunction(anyLast, Map(String, String)) CODEC(ZSTD(1)),
    metadata    SimpleAggregateFunction(anyLast, Map(String, String)) CODEC(ZSTD(1)),
    first_seen  SimpleAggregateFunction(min, DateTime('UTC')),
    last_seen   SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = {replicated}AggregatingMergeTree ORDER BY (tenant, metric, service, series_id)
SETTINGS {durable};

-- Gauges and sums. An int is exact in int_value; value is the same as a double.
CREATE TABLE IF NOT EXISTS metric_points {on_cluster}
(
    tenant    LowCardinality(String),
    metric    LowCardinality(String),
    series_id UInt64 CODEC(ZSTD(1)),
    time      DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    start     DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    value     Float64 CODEC(ZSTD(1)),
    int_value Int64 CODEC(Delta(8), ZSTD(1)),
    value_type UInt8 CODEC(ZSTD(1)),                         -- letter: i int, d double, n none recorded
    flags     UInt32 CODEC(ZSTD(1)),
    weight    Float64 CODEC(ZSTD(1)),
    received  DateTime('UTC') CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfHour(time) ORDER BY (tenant, metric, series_id, time)
SETTINGS ttl_only_drop_parts = 1, {durable};

CREATE TABLE IF NOT EXISTS metric_points_quarantine {on_cluster} AS metric_points
ENGINE = {replicated}MergeTree PARTITION BY toStartOfDay(received) ORDER BY (tenant, received)
SETTINGS {durable};

-- Histograms, exponential histograms and summaries: the columns of the other kinds are empty.
CREATE TABLE IF NOT EXISTS metric_distributions {on_cluster}
(
    tenant          LowCardinality(String),
    metric          LowCardinality(String),
    series_id       UInt64 CODEC(ZSTD(1)),
    time            DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    start           DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    count           UInt64 CODEC(ZSTD(1)),
    sum             Float64 CODEC(ZSTD(1)),
    min             Float64 CODEC(ZSTD(1)),
    max             Float64 CODEC(ZSTD(1)),
    present         UInt8 CODEC(ZSTD(1)),                     -- bit 0 sum, bit 1 min, bit 2 max
    bounds          Array(Float64) CODEC(ZSTD(1)),            -- histogram: upper bounds; summary: quantiles
    counts          Array(UInt64) CODEC(ZSTD(1)),             -- histogram: bucket counts; exponential: positive buckets
    quantile_values Array(Float64) CODEC(ZSTD(1)),
    scale           Int32 CODEC(ZSTD(1)),
    zero_count      UInt64 CODEC(ZSTD(1)),
    zero_threshold  Float64 CODEC(ZSTD(1)),
    positive_offset Int32 CODEC(ZSTD(1)),
    negative_offset Int32 CODEC(ZSTD(1)),
    negative_counts Array(UInt64) CODEC(ZSTD(1)),
    flags           UInt32 CODEC(ZSTD(1)),
    weight          Float64 CODEC(ZSTD(1)),
    received        DateTime('UTC') CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfHour(time) ORDER BY (tenant, metric, series_id, time)
SETTINGS ttl_only_drop_parts = 1, {durable};

CREATE TABLE IF NOT EXISTS metric_distributions_quarantine {on_cluster} AS metric_distributions
ENGINE = {replicated}MergeTree PARTITION BY toStartOfDay(received) ORDER BY (tenant, received)
SETTINGS {durable};

-- Single measurements that point to the trace they came from.
CREATE TABLE IF NOT EXISTS metric_exemplars {on_cluster}
(
    tenant     LowCardinality(String),
    metric     LowCardinality(String),
    series_id  UInt64 CODEC(ZSTD(1)),
    point_time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    time       DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    value      Float64 CODEC(ZSTD(1)),
    int_value  Int64 CODEC(ZSTD(1)),
    value_type UInt8 CODEC(ZSTD(1)),
    trace_id   FixedString(16) CODEC(ZSTD(1)),
    span_id    FixedString(8) CODEC(NONE),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    weight     Float64 CODEC(ZSTD(1)),
    received   DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    INDEX ix_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {replicated}MergeTree PARTITION BY toStartOfHour(point_time) ORDER BY (tenant, metric, series_id, point_time)
SETTINGS ttl_only_drop_parts = 1, {durable};
