// What the SDK's own objects say, in OTLP/JSON; written apart from the SDK's serializers, so that the two can differ.
const nano = ([seconds, nanos]) => (BigInt(seconds) * 1_000_000_000n + BigInt(nanos)).toString();

function value(of) {
  if (of === null || of === undefined) return {};
  if (typeof of === 'string') return { stringValue: of };
  if (typeof of === 'boolean') return { boolValue: of };
  if (typeof of === 'number') return Number.isInteger(of) ? { intValue: of.toString() } : { doubleValue: Number.isFinite(of) ? of : String(of) };
  if (of instanceof Uint8Array) return { bytesValue: Buffer.from(of).toString('base64') };
  if (Array.isArray(of)) return { arrayValue: { values: of.map(value) } };
  return { kvlistValue: { values: attributes(of) } };
}

const attributes = (of) => Object.entries(of ?? {}).map(([key, each]) => ({ key, value: value(each) }));
const scope = ({ name, version, attributes: tags }) => ({ name, version: version ?? '', attributes: attributes(tags) });
const resourceOf = (resource) => ({ attributes: attributes(resource.attributes) });

// Bit 8: the next one is known; bit 9: the context came from another process.
const flags = (traceFlags, isRemote) => (traceFlags & 0xff) | 0x100 | (isRemote ? 0x200 : 0);

function grouped(items, list, inner, leaf, toOtlp) {
  return { [list]: items.map((item) => ({
    resource: resourceOf(item.resource),
    [inner]: [{ scope: scope(item.instrumentationScope), schemaUrl: item.instrumentationScope.schemaUrl ?? '', [leaf]: [toOtlp(item)] }],
  })) };
}

export const tracesOf = (spans) => grouped(spans, 'resourceSpans', 'scopeSpans', 'spans', (span) => ({
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parentSpanId: span.parentSpanContext?.spanId ?? '',
  traceState: span.spanContext().traceState?.serialize() ?? '',
  flags: flags(span.spanContext().traceFlags, span.parentSpanContext?.isRemote),
  name: span.name,
  kind: span.kind + 1,
  startTimeUnixNano: nano(span.startTime),
  endTimeUnixNano: nano(span.endTime),
  status: { code: span.status.code, message: span.status.message ?? '' },
  attributes: attributes(span.attributes),
  droppedAttributesCount: span.droppedAttributesCount,
  droppedEventsCount: span.droppedEventsCount,
  droppedLinksCount: span.droppedLinksCount,
  events: span.events.map((event) => ({ timeUnixNano: nano(event.time), name: event.name, attributes: attributes(event.attributes), droppedAttributesCount: event.droppedAttributesCount ?? 0 })),
  links: span.links.map((link) => ({
    traceId: link.context.traceId, spanId: link.context.spanId, traceState: link.context.traceState?.serialize() ?? '',
    flags: flags(link.context.traceFlags, link.context.isRemote), attributes: attributes(link.attributes), droppedAttributesCount: link.droppedAttributesCount ?? 0,
  })),
}));

export const logsOf = (records) => grouped(records, 'resourceLogs', 'scopeLogs', 'logRecords', (record) => ({
  timeUnixNano: nano(record.hrTime),
  observedTimeUnixNano: nano(record.hrTimeObserved),
  severityNumber: record.severityNumber ?? 0,
  severityText: record.severityText ?? '',
  eventName: record.eventName ?? '',
  body: value(record.body),
  attributes: attributes(record.attributes),
  droppedAttributesCount: record.droppedAttributesCount,
  traceId: record.spanContext?.traceId ?? '',
  spanId: record.spanContext?.spanId ?? '',
  flags: record.spanContext?.traceFlags ?? 0,
}));

// As in @opentelemetry/sdk-metrics: DataPointType and AggregationTemporality.
const HISTOGRAM = 0, EXPONENTIAL_HISTOGRAM = 1, GAUGE = 2, SUM = 3;

export const metricsOf = (exported) => ({ resourceMetrics: exported.map(({ resource, scopeMetrics }) => ({
  resource: resourceOf(resource),
  scopeMetrics: scopeMetrics.map(({ scope: library, metrics }) => ({ scope: scope(library), schemaUrl: library.schemaUrl ?? '', metrics: metrics.map(metric) })),
})) });

function metric({ descriptor, dataPointType, aggregationTemporality, isMonotonic, dataPoints }) {
  const points = dataPoints.map((point) => ({
    startTimeUnixNano: nano(point.startTime), timeUnixNano: nano(point.endTime), attributes: attributes(point.attributes), ...measured(point.value, dataPointType, descriptor.valueType),
  }));
  const summed = { aggregationTemporality: aggregationTemporality + 1, dataPoints: points };
  const data = {
    [HISTOGRAM]: { histogram: summed },
    [EXPONENTIAL_HISTOGRAM]: { exponentialHistogram: summed },
    [GAUGE]: { gauge: { dataPoints: points } },
    [SUM]: { sum: { ...summed, isMonotonic } },
  }[dataPointType];
  return { name: descriptor.name, description: descriptor.description, unit: descriptor.unit, ...data };
}

function measured(value, type, valueType) {
  const parts = { count: value.count, ...(value.sum === undefined ? {} : { sum: value.sum }), ...(value.min === undefined ? {} : { min: value.min, max: value.max }) };
  if (type === HISTOGRAM) return { ...parts, bucketCounts: value.buckets.counts, explicitBounds: value.buckets.boundaries };
  if (type === EXPONENTIAL_HISTOGRAM) {
    const side = ({ offset, bucketCounts }) => ({ offset, bucketCounts });
    return { ...parts, scale: value.scale, zeroCount: value.zeroCount, positive: side(value.positive), negative: side(value.negative) };
  }
  return valueType === 0 ? { asInt: value.toString() } : { asDouble: value };
}
