-- Edges between traces, written with the spans that make them.

-- Which traces carry a business id: an order, a session, a request, a message. Ordered by value, so that any of them is one look-up over all days.
CREATE TABLE IF NOT EXISTS trace_aliases {on_cluster}
(
    tenant   LowCardinality(String),
    value    String CODEC(ZSTD(1)),
    key      LowCardinality(String),
    trace_id FixedString(16) CODEC(NONE),
    first    SimpleAggregateFunction(min, DateTime('UTC')) CODEC(Delta(4), ZSTD(1)),
    last     SimpleAggregateFunction(max, DateTime('UTC')) CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}AggregatingMergeTree PARTITION BY toStartOfDay(first) ORDER BY (tenant, value, key, trace_id)
SETTINGS index_granularity = 1024, {durable};

-- Span links backwards: who points at a trace. Forwards they stand in spans.links.
CREATE TABLE IF NOT EXISTS trace_links {on_cluster}
(
    tenant         LowCardinality(String),
    trace_id       FixedString(16) CODEC(NONE),                -- pointed at
    span_id        FixedString(8) CODEC(NONE),
    from_trace_id  FixedString(16) CODEC(NONE),                -- whose span holds the link
    from_span_id   FixedString(8) CODEC(NONE),
    from_start     SimpleAggregateFunction(min, DateTime('UTC')) CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}AggregatingMergeTree PARTITION BY toStartOfDay(from_start) ORDER BY (tenant, trace_id, span_id, from_trace_id, from_span_id)
SETTINGS index_granularity = 1024, {durable};
