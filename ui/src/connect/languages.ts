type Doors = { scheme: string; host: string; grpc: number; http: number };

export type Language = { name: string; label: string; file: string; note: string; text(doors: Doors): string };

const grpc = ({ scheme, host, grpc: port }: Doors) => `${scheme}://${host}:${port}`;
const http = ({ scheme, host, http: port }: Doors) => `${scheme}://${host}:${port}`;

const environment = (doors: Doors, more = '') =>
  `export OTEL_SERVICE_NAME=my-service\nexport OTEL_EXPORTER_OTLP_ENDPOINT=${grpc(doors)}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=grpc${more}`;

/** Settings to be pasted as they are. Each is the shortest way that its project documents. */
export const languages: readonly Language[] = [
  {
    name: 'any',
    label: 'Any SDK',
    file: 'shell',
    note: 'Every OpenTelemetry SDK reads these variables. Set them where the service is started.',
    text: (doors) =>
      `${environment(doors)}\nexport OTEL_RESOURCE_ATTRIBUTES=service.version=1.0.0,deployment.environment.name=production\n\n# over HTTP instead:\nexport OTEL_EXPORTER_OTLP_ENDPOINT=${http(doors)}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`,
  },
  {
    name: 'java',
    label: 'Java',
    file: 'shell',
    note: 'The agent instruments most frameworks without a change of code; logs get their trace ids too.',
    text: (doors) => `${environment(doors)}\njava -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
  },
  {
    name: 'dotnet',
    label: '.NET',
    file: 'Program.cs',
    note: 'Packages: OpenTelemetry.Extensions.Hosting, OpenTelemetry.Exporter.OpenTelemetryProtocol, OpenTelemetry.Instrumentation.AspNetCore, OpenTelemetry.Instrumentation.Http.',
    text: (doors) => `builder.Services.AddOpenTelemetry()
    .ConfigureResource(resource => resource.AddService("my-service", serviceVersion: "1.0.0"))
    .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation())
    .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation())
    .WithLogging()
    .UseOtlpExporter(OtlpExportProtocol.Grpc, new Uri("${grpc(doors)}"));`,
  },
  {
    name: 'nodejs',
    label: 'Node.js',
    file: 'shell',
    note: 'Instruments http, express, pg, kafkajs and many more at start.',
    text: (doors) =>
      `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node\n${environment(doors)}\nnode --require @opentelemetry/auto-instrumentations-node/register app.js`,
  },
  {
    name: 'python',
    label: 'Python',
    file: 'shell',
    note: 'opentelemetry-bootstrap installs the instrumentations for the libraries that it finds.',
    text: (doors) =>
      `pip install opentelemetry-distro opentelemetry-exporter-otlp\nopentelemetry-bootstrap -a install\n${environment(doors)}\nopentelemetry-instrument python app.py`,
  },
  {
    name: 'go',
    label: 'Go',
    file: 'main.go',
    note: 'Modules: go.opentelemetry.io/otel/sdk and .../exporters/otlp/otlptrace/otlptracegrpc. Then wrap handlers with otelhttp.',
    text: ({ host, grpc: port }) => `exporter, err := otlptracegrpc.New(ctx,
	otlptracegrpc.WithEndpoint("${host}:${port}"), otlptracegrpc.WithInsecure())
if err != nil {
	return err
}
provider := sdktrace.NewTracerProvider(
	sdktrace.WithBatcher(exporter),
	sdktrace.WithResource(resource.NewSchemaless(semconv.ServiceName("my-service"))))
defer provider.Shutdown(ctx)
otel.SetTracerProvider(provider)
otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))`,
  },
  {
    name: 'rust',
    label: 'Rust',
    file: 'main.rs',
    note: 'Crates: opentelemetry, opentelemetry_sdk, opentelemetry-otlp (feature grpc-tonic), tracing-opentelemetry.',
    text: (doors) => `let exporter = opentelemetry_otlp::SpanExporter::builder()
    .with_tonic()
    .with_endpoint("${grpc(doors)}")
    .build()?;
let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
    .with_batch_exporter(exporter)
    .with_resource(opentelemetry_sdk::Resource::builder().with_service_name("my-service").build())
    .build();
opentelemetry::global::set_tracer_provider(provider.clone());`,
  },
  {
    name: 'ruby',
    label: 'Ruby',
    file: 'config/initializers/opentelemetry.rb',
    note: 'Gems: opentelemetry-sdk, opentelemetry-exporter-otlp, opentelemetry-instrumentation-all. The exporter speaks HTTP.',
    text: (doors) => `ENV["OTEL_EXPORTER_OTLP_ENDPOINT"] ||= "${http(doors)}"
OpenTelemetry::SDK.configure do |c|
  c.service_name = "my-service"
  c.use_all
end`,
  },
  {
    name: 'php',
    label: 'PHP',
    file: 'shell',
    note: 'Needs the opentelemetry extension, and open-telemetry/sdk and open-telemetry/exporter-otlp from Composer.',
    text: (doors) =>
      `export OTEL_PHP_AUTOLOAD_ENABLED=true\nexport OTEL_SERVICE_NAME=my-service\nexport OTEL_TRACES_EXPORTER=otlp\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nexport OTEL_EXPORTER_OTLP_ENDPOINT=${http(doors)}`,
  },
  {
    name: 'cpp',
    label: 'C++',
    file: 'main.cc',
    note: 'Build opentelemetry-cpp with -DWITH_OTLP_HTTP=ON.',
    text: (doors) => `otlp::OtlpHttpExporterOptions options;
options.url = "${http(doors)}/v1/traces";
auto exporter = otlp::OtlpHttpExporterFactory::Create(options);
auto processor = trace_sdk::BatchSpanProcessorFactory::Create(std::move(exporter), {});
trace_api::Provider::SetTracerProvider(trace_sdk::TracerProviderFactory::Create(
    std::move(processor), resource::Resource::Create({{"service.name", "my-service"}})));`,
  },
  {
    name: 'elixir',
    label: 'Elixir',
    file: 'config/runtime.exs',
    note: 'Dependencies: opentelemetry, opentelemetry_api, opentelemetry_exporter; then OpentelemetryPhoenix.setup().',
    text: (doors) => `config :opentelemetry, resource: %{service: %{name: "my-service"}}
config :opentelemetry_exporter,
  otlp_protocol: :grpc,
  otlp_endpoint: "${grpc(doors)}"`,
  },
  {
    name: 'browser',
    label: 'Browser',
    file: 'tracing.ts',
    note: 'Let the page in first: WAYBILL_INGEST__BROWSERORIGINS__0=https://your.page. Packages: @opentelemetry/sdk-trace-web, exporter-trace-otlp-http.',
    text: (doors) => `const provider = new WebTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'my-page' }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: '${http(doors)}/v1/traces' }))],
});
provider.register();
registerInstrumentations({ instrumentations: [getWebAutoInstrumentations()] });`,
  },
  {
    name: 'collector',
    label: 'Collector',
    file: 'config.yaml',
    note: 'Keeps what it cannot send at once in a queue on disk; Waybill stores a batch that is sent twice once.',
    text: ({ host, grpc: port }) => `extensions:
  file_storage:
    directory: /var/lib/otelcol
exporters:
  otlp/waybill:
    endpoint: ${host}:${port}
    tls:
      insecure: true
    sending_queue:
      storage: file_storage
    retry_on_failure:
      max_elapsed_time: 0
service:
  extensions: [file_storage]
  pipelines:
    traces:  { receivers: [otlp], exporters: [otlp/waybill] }
    logs:    { receivers: [otlp], exporters: [otlp/waybill] }
    metrics: { receivers: [otlp], exporters: [otlp/waybill] }`,
  },
  {
    name: 'zipkin',
    label: 'Zipkin',
    file: 'shell',
    note: 'Brave, Spring Cloud Sleuth and every other Zipkin v2 reporter, JSON or protobuf.',
    text: (doors) =>
      `# Zipkin reporters post to:\n${http(doors)}/api/v2/spans\n\n# Spring Boot:\nmanagement.zipkin.tracing.endpoint=${http(doors)}/api/v2/spans`,
  },
  {
    name: 'curl',
    label: 'curl',
    file: 'shell',
    note: 'One span by hand: the shortest proof that the way is open.',
    text: (doors) => `curl ${http(doors)}/v1/traces -H 'Content-Type: application/json' -d '{
  "resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "by-hand"}}]},
    "scopeSpans": [{"spans": [{"traceId": "'$(openssl rand -hex 16)'", "spanId": "'$(openssl rand -hex 8)'", "name": "hello",
      "kind": 2, "startTimeUnixNano": "'$(date +%s%N)'", "endTimeUnixNano": "'$(($(date +%s%N) + 20000000))'"}]}]}]}'`,
  },
];
