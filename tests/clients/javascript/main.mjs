// node main.mjs grpc|proto|json ENDPOINT
// Sends one of everything with the OpenTelemetry SDK, then prints what it sent: {"traces":...,"logs":...,"metrics":...}, each in OTLP/JSON.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, ValueType, createTraceState, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { exportersOf } from './exporters.mjs';
import { logsOf, metricsOf, tracesOf } from './otlp.mjs';

const [protocol, endpoint] = process.argv.slice(2);
const exporters = exportersOf(protocol, endpoint);
const resource = resourceFromAttributes({ 'service.name': 'javascript-client', 'service.version': '1.2.3', 'process.pid': 4711, flags: [true, false] });
const sent = { spans: [], logs: [], metrics: [] };
const failures = [];

// An exporter that notes what it is given and whether it was taken.
const noting = (exporter, note) => new Proxy(exporter, {
  get(of, name) {
    if (name === 'export') return (items, done) => {
      note(items);
      of.export(items, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) failures.push(String(result.error));
        done(result);
      });
    };
    const member = of[name];
    return typeof member === 'function' ? member.bind(of) : member;
  },
});

const tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(noting(exporters.traces, (spans) => sent.spans.push(...spans)))] });
const loggers = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: noting(exporters.logs, (records) => sent.logs.push(...records)) })] });
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: noting(exporters.metrics, (metrics) => sent.metrics.push(metrics)), exportIntervalMillis: 3_600_000 })],
  views: [{ instrumentName: 'request.size', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
});

const tracer = tracers.getTracer('waybill.javascript', '4.5.6', { schemaUrl: 'https://opentelemetry.io/schemas/1.44.0' });
const everyType = {
  text: 'größe 日本語 😀 "\\', empty: '', yes: true, no: false, whole: 42, most: Number.MAX_SAFE_INTEGER, least: Number.MIN_SAFE_INTEGER, half: 0.5, tiny: 5e-324,
  texts: ['a', '', 'ü'], wholes: [1, -2], halves: [0.5, -1.5], flags: [true, false], none: [],
};
const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED, isRemote: true, traceState: createTraceState('vendor=a,other=b') };
const root = tracer.startSpan('POST /orders', { kind: SpanKind.SERVER, attributes: everyType }, trace.setSpanContext(ROOT_CONTEXT, remote));
const within = trace.setSpan(ROOT_CONTEXT, root);
for (const kind of [SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER]) {
  const span = tracer.startSpan(`kind ${kind}`, { kind, links: [{ context: remote, attributes: everyType }] }, within);
  span.addEvent('event', { attempt: 1, ...everyType });
  if (kind === SpanKind.CLIENT) {
    span.recordException(new TypeError('no such item'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'no such item' });
  } else span.setStatus({ code: SpanStatusCode.OK });
  span.end();
}
for (let i = 0; i < 200; i++) root.setAttribute(`more.${i}`, i);   // beyond the SDK's limit of 128: the rest is counted as dropped
root.end();

const logger = loggers.getLogger('waybill.javascript.logs', '7.8.9');
logger.emit({ severityNumber: SeverityNumber.WARN, severityText: 'WARN', body: 'stock is low', attributes: everyType, context: within });
logger.emit({ severityNumber: SeverityNumber.ERROR4, eventName: 'order.failed', body: { order: 17, items: ['a', { b: 0.5 }], nothing: null }, attributes: { nested: { a: [1, { b: 'c' }] } }, timestamp: new Date() });
logger.emit({ body: new Uint8Array([0, 1, 254, 255]) });

const meter = meters.getMeter('waybill.javascript.metrics', '0.1.0');
meter.createCounter('orders', { description: 'Orders taken.', unit: '{order}', valueType: ValueType.INT }).add(3, { country: 'CH', express: true });
meter.createUpDownCounter('queue.length', { valueType: ValueType.DOUBLE }).add(-2.5);
meter.createObservableGauge('temperature', { unit: 'Cel' }).addCallback((result) => result.observe(21.5, { room: 'größe' }));
meter.createGauge('whole.gauge', { valueType: ValueType.INT }).record(-7);
const latency = meter.createHistogram('latency', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 0.5, 1] } });
for (const seconds of [0.05, 0.3, 0.7, 3]) latency.record(seconds, { route: '/orders' });
const size = meter.createHistogram('request.size', { unit: 'By' });
for (const bytes of [0, 1, 100, 10_000]) size.record(bytes);

await tracers.forceFlush();
await loggers.forceFlush();
await meters.forceFlush();
await Promise.all([tracers.shutdown(), loggers.shutdown(), meters.shutdown()]);   // meters export once more
console.log(JSON.stringify({ failures, traces: tracesOf(sent.spans), logs: logsOf(sent.logs), metrics: metricsOf(sent.metrics) }));
