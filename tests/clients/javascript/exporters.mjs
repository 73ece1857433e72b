// The exporters of one protocol: grpc, proto (OTLP/HTTP with protobuf) or json (OTLP/HTTP with JSON).
import * as logsGrpc from '@opentelemetry/exporter-logs-otlp-grpc';
import * as logsJson from '@opentelemetry/exporter-logs-otlp-http';
import * as logsProto from '@opentelemetry/exporter-logs-otlp-proto';
import * as metricsGrpc from '@opentelemetry/exporter-metrics-otlp-grpc';
import * as metricsJson from '@opentelemetry/exporter-metrics-otlp-http';
import * as metricsProto from '@opentelemetry/exporter-metrics-otlp-proto';
import * as tracesGrpc from '@opentelemetry/exporter-trace-otlp-grpc';
import * as tracesJson from '@opentelemetry/exporter-trace-otlp-http';
import * as tracesProto from '@opentelemetry/exporter-trace-otlp-proto';

const packages = {
  grpc: [tracesGrpc, logsGrpc, metricsGrpc],
  proto: [tracesProto, logsProto, metricsProto],
  json: [tracesJson, logsJson, metricsJson],
};

export function exportersOf(protocol, endpoint) {
  const [traces, logs, metrics] = packages[protocol];
  const options = (signal) => ({ url: protocol === 'grpc' ? endpoint : `${endpoint}/v1/${signal}` });
  return {
    traces: new traces.OTLPTraceExporter(options('traces')),
    logs: new logs.OTLPLogExporter(options('logs')),
    metrics: new metrics.OTLPMetricExporter(options('metrics')),
  };
}
