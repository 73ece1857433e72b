import { randomBytes } from 'node:crypto';

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
type Value = string | number | boolean;
type Attributes = Record<string, Value>;

export const attributes = (values: Attributes) =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : { doubleValue: value },
  }));

/** Sends OTLP/JSON as any SDK would. */
export async function post(otlp: string, signal: string, body: unknown) {
  const answer = await fetch(`${otlp}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${signal} refused: ${answer.status} ${await answer.text()}`);
}

/** One trace of many spans: a batch that reads and writes, in waves, some calls alike and some not. */
export async function sendLargeTrace(otlp: string, count: number): Promise<string> {
  const traceId = hex(16);
  const begin = BigInt(Date.now() - 120_000) * 1_000_000n;
  const services = ['batch', 'orders', 'inventory', 'payments', 'queue'];
  const ids: string[] = [hex(8)];
  const perPost = 10_000;
  for (let from = 0; from < count; from += perPost) {
    const byService = new Map<string, unknown[]>();
    for (let i = from; i < Math.min(count, from + perPost); i++) {
      const spanId = i === 0 ? ids[0]! : hex(8);
      const parent = i === 0 ? '' : ids[i % 7 === 0 ? 0 : Math.floor(Math.random() * Math.min(ids.length, 400))]!;
      if (ids.length < 4_000) ids.push(spanId);
      const start = begin + BigInt(i) * 900_000n;
      const service = services[i % services.length]!;
      const span = {
        traceId,
        spanId,
        ...(parent ? { parentSpanId: parent } : {}),
        name: i === 0 ? 'nightly batch' : `step ${i % 23}`,
        kind: 1,
        startTimeUnixNano: start.toString(),
        endTimeUnixNano: (i === 0
          ? begin + BigInt(count) * 900_000n
          : start + 5_000_000n + BigInt(i % 17) * 3_000_000n
        ).toString(),
        attributes: attributes({ 'batch.item': i, 'db.system': 'postgresql', 'order.id': `ord-${i}` }),
        status: i % 997 === 3 ? { code: 2, message: 'row is locked' } : {},
      };
      byService.set(service, [...(byService.get(service) ?? []), span]);
    }
    await post(otlp, 'traces', {
      resourceSpans: [...byService].map(([service, spans]) => ({
        resource: { attributes: attributes({ 'service.name': service }) },
        scopeSpans: [{ scope: { name: 'e2e' }, spans }],
      })),
    });
  }
  return traceId;
}

/** What people who wish us ill, or their tools, put into telemetry. */
export const hostileTexts = [
  '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>',
  '"><svg/onload=window.hacked=1>',
  'javascript:window.hacked=1',
  '\u202Ednammoc eht si siht\u202C',
  '{{constructor.constructor("window.hacked=1")()}}',
  'x'.repeat(10_000),
  'Z̸̛͎a̶l̷g̵o̴'.repeat(50),
  'line\nbreak\ttab\u0000null\u001b[31mred',
  '‮שלום עולם',
];

/** A trace with hostile text in every field that telemetry can carry. */
export async function sendHostileTrace(otlp: string): Promise<string> {
  const traceId = hex(16);
  const now = BigInt(Date.now()) * 1_000_000n;
  const root = hex(8);
  const resourceOf = (text: string) => ({
    attributes: attributes({ 'service.name': text, 'service.version': text, [text.slice(0, 200)]: text }),
  });
  const resourceSpans = hostileTexts.map((text, i) => ({
    resource: resourceOf(text),
    scopeSpans: [
      {
        scope: { name: text, version: text, attributes: attributes({ [text.slice(0, 200)]: text }) },
        spans: [
          {
            traceId,
            spanId: i === 0 ? root : hex(8),
            ...(i === 0 ? {} : { parentSpanId: root }),
            name: text,
            traceState: 'a=b',
            startTimeUnixNano: (now + BigInt(i) * 1_000_000n).toString(),
            endTimeUnixNano: (now + BigInt(i + 20) * 1_000_000n).toString(),
            attributes: attributes({ [text.slice(0, 200)]: text, 'url.full': text }),
            events: [
              { timeUnixNano: (now + 5_000_000n).toString(), name: text, attributes: attributes({ [text.slice(0, 200)]: text }) },
              {
                timeUnixNano: (now + 6_000_000n).toString(),
                name: 'exception',
                attributes: attributes({ 'exception.type': text, 'exception.message': text, 'exception.stacktrace': text }),
              },
            ],
            links: [{ traceId: hex(16), spanId: hex(8), attributes: attributes({ [text.slice(0, 200)]: text }) }],
            status: { code: 2, message: text },
          },
        ],
      },
    ],
  }));
  await post(otlp, 'traces', { resourceSpans });
  await post(otlp, 'logs', {
    resourceLogs: hostileTexts.map((text) => ({
      resource: resourceOf(text),
      scopeLogs: [
        {
          scope: { name: text },
          logRecords: [
            {
              timeUnixNano: now.toString(),
              severityNumber: 17,
              severityText: text,
              body: { stringValue: text },
              traceId,
              spanId: root,
            },
          ],
        },
      ],
    })),
  });
  return traceId;
}

export async function untilReadable(base: string, traceId: string, spans: number) {
  for (let i = 0; i < 300; i++) {
    const answer = await fetch(`${base}/api/traces/${traceId}?fields=skeleton`);
    if (answer.ok && ((await answer.json()) as { spanCount: number }).spanCount >= spans) return;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  throw new Error(`Trace ${traceId} cannot be read after a minute.`);
}

/** Logs come by a request of their own, after the spans. */
export async function untilLogged(base: string, traceId: string, lines: number) {
  for (let i = 0; i < 300; i++) {
    const answer = await fetch(`${base}/api/logs?trace=${traceId}`);
    if (answer.ok && ((await answer.json()) as { logs: unknown[] }).logs.length >= lines) return;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  throw new Error(`Log records of trace ${traceId} cannot be read after a minute.`);
}

/** A histogram of two services, a point every ten seconds for five minutes, with one exemplar: the last point of `checkout`. */
export async function sendHistogram(otlp: string, metric: string, traceId: string) {
  const points = 30;
  const begin = BigInt(Date.now() - points * 10_000) * 1_000_000n;
  const at = (i: number) => (begin + BigInt(i) * 10_000_000_000n).toString();
  await post(otlp, 'metrics', {
    resourceMetrics: ['checkout', 'search'].map((service) => ({
      resource: { attributes: attributes({ 'service.name': service }) },
      scopeMetrics: [
        {
          metrics: [
            {
              name: metric,
              unit: 's',
              description: 'Sent by a test',
              histogram: {
                aggregationTemporality: 2,
                dataPoints: Array.from({ length: points }, (_, i) => ({
                  startTimeUnixNano: at(0),
                  timeUnixNano: at(i),
                  count: `${i * 10}`,
                  sum: i * 2,
                  explicitBounds: [0.1, 0.5, 1],
                  bucketCounts: [`${i * 5}`, `${i * 4}`, `${i}`, '0'],
                  attributes: attributes({ 'http.route': `/${service}` }),
                  ...(service === 'checkout' && i === points - 1
                    ? { exemplars: [{ timeUnixNano: at(i), asDouble: 0.7, traceId, spanId: hex(8) }] }
                    : {}),
                })),
              },
            },
          ],
        },
      ],
    })),
  });
}
