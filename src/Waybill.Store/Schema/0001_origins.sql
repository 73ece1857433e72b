-- Who sent it: attribute sets that many rows share, stored once and named by the first 64 bits of their SHA-256.
-- Attribute keys carry their value's type as a letter: s: string, b: bool, i: int, d: double, x: bytes (base64), j: array or list (JSON), n: empty.

CREATE TABLE IF NOT EXISTS resources {on_cluster}
(
    tenant      LowCardinality(String),
    service     LowCardinality(String),
    resource_id UInt64,
    attributes  SimpleAggregateFunction(anyLast, Map(String, String)) CODEC(ZSTD(1)),
    schema_url  SimpleAggregateFunction(anyLast, String) CODEC(ZSTD(1)),
    dropped     SimpleAggregateFunction(max, UInt32),
    first_seen  SimpleAggregateFunction(min, DateTime('UTC')) CODEC(Delta(4), ZSTD(1)),
    last_seen   SimpleAggregateFunction(max, DateTime('UTC')) CODEC(Delta(4), ZSTD(1))
)
ENGINE = {replicated}AggregatingMergeTree ORDER BY (tenant, service, resource_id)
SETTINGS {durable};

CREATE TABLE IF NOT EXISTS scopes {on_cluster}
(
    tenant     LowCardinality(String),
    scope_id   UInt64,
    name       SimpleAggregateFunction(anyLast, String),
    version    SimpleAggregateFunction(anyLast, String),
    attributes SimpleAggregateFunction(anyLast, Map(String, String)) CODEC(ZSTD(1)),
    schema_url SimpleAggregateFunction(anyLast, String),
    dropped    SimpleAggregateFunction(max, UInt32),
    last_seen  SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = {replicated}AggregatingMergeTree ORDER BY (tenant, scope_id)
SETTINGS {durable};
