import { randomBytes } from 'node:crypto';
import { attributes, post } from './telemetry';

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const minute = 60_000;

/** Where to look for what was sent. */
export type Incident = {
  gateway: string;
  orders: string;
  mail: string;
  topic: string;
  order: string;
  failed: string;
  change: string;
  summary: string;
};

type Span = Record<string, unknown> & { service: string; version: string };

/**
 * A quarter of an hour of a shop that sends its traces like any other: since version 1.1.0, orders fails two of five requests. One order is
 * sent on by a message to a service that works in a trace of its own.
 */
export async function sendIncident(otlp: string): Promise<Incident> {
  const tag = hex(3);
  const [gateway, orders, mail, topic] = [`gateway-${tag}`, `orders-${tag}`, `mail-${tag}`, `placed-${tag}`];
  const order = `ord-${hex(8)}`;
  const deployed = Date.now() - 6 * minute;
  const spans: Span[] = [];
  let failed = '';
  for (let i = 0; i < 120; i++) {
    const at = deployed - 6 * minute + i * 5_500;
    const later = at > deployed;
    const bad = later && i % 5 < 2;
    const trace = checkout({ at, version: later ? '1.1.0' : '1.0.0', bad, gateway, orders, order: `ord-${hex(8)}` });
    spans.push(...trace.spans);
    if (bad) failed = trace.traceId;
  }
  spans.push(...placed({ at: deployed + 3 * minute, gateway, orders, mail, topic, order }));
  await sendSpans(otlp, spans);
  const summary = `Deploy 1.1.0: coupons (${tag})`;
  const answer = await fetch(`${otlp}/v1/changes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: `deploy-${tag}`,
      kind: 'deployment',
      service: orders,
      version: '1.1.0',
      previousVersion: '1.0.0',
      author: 'release-bot',
      summary,
      outcome: 'success',
      started: new Date(deployed).toISOString(),
      finished: new Date(deployed + 1_000).toISOString(),
      before: { coupons: { spread: false } },
      after: { coupons: { spread: true } },
    }),
  });
  const { accepted } = (await answer.json()) as { accepted: { id: string }[] };
  return { gateway, orders, mail, topic, order, failed, change: accepted[0]!.id, summary };
}

type Checkout = { at: number; version: string; bad: boolean; gateway: string; orders: string; order: string };

function checkout({ at, version, bad, gateway, orders, order }: Checkout): { traceId: string; spans: Span[] } {
  const traceId = hex(16);
  const [root, call, serve] = [hex(8), hex(8), hex(8)];
  const status = bad ? { code: 2, message: 'Attempted to divide by zero.' } : {};
  const exception = {
    timeUnixNano: nano(at + 20),
    name: 'exception',
    attributes: attributes({
      'exception.type': 'System.DivideByZeroException',
      'exception.message': 'Attempted to divide by zero.',
      'exception.stacktrace': `   at ${orders.replace('-', '')}.Pricing.Spread(Cart cart)\n   at Shop.Orders.Place(Cart cart)`,
    }),
  };
  const span = (spanId: string, parentSpanId: string, service: string, name: string, kind: number, from: number, to: number) => ({
    traceId,
    spanId,
    ...(parentSpanId ? { parentSpanId } : {}),
    name,
    kind,
    service,
    version: service === orders ? version : '2.0.0',
    startTimeUnixNano: nano(at + from),
    endTimeUnixNano: nano(at + to),
    attributes: attributes({ 'order.id': order }),
    status,
  });
  return {
    traceId,
    spans: [
      span(root, '', gateway, 'POST /checkout', 2, 0, 40),
      span(call, root, gateway, 'POST', 3, 2, 38),
      { ...span(serve, call, orders, 'POST /orders', 2, 5, 35), ...(bad ? { events: [exception] } : {}) },
    ],
  };
}

type Placed = Omit<Checkout, 'version' | 'bad'> & { mail: string; topic: string };

/** An order that is placed, and the mail about it in a trace of its own, with the message between them. */
function placed({ at, gateway, orders, mail, topic, order }: Placed): Span[] {
  const { spans, traceId } = checkout({ at, version: '1.1.0', bad: false, gateway, orders, order });
  const messageId = hex(8);
  const message = attributes({
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    'messaging.message.id': messageId,
    'order.id': order,
  });
  const producer = hex(8);
  return [
    ...spans,
    {
      traceId,
      spanId: producer,
      parentSpanId: spans[2]!.spanId,
      name: `send ${topic}`,
      kind: 4,
      service: orders,
      version: '1.1.0',
      startTimeUnixNano: nano(at + 25),
      endTimeUnixNano: nano(at + 27),
      attributes: message,
      status: {},
    },
    {
      traceId: hex(16),
      spanId: hex(8),
      name: `process ${topic}`,
      kind: 5,
      service: mail,
      version: '3.0.0',
      startTimeUnixNano: nano(at + 400),
      endTimeUnixNano: nano(at + 460),
      attributes: message,
      links: [{ traceId, spanId: producer }],
      status: {},
    },
  ];
}

const nano = (millis: number) => (BigInt(Math.round(millis)) * 1_000_000n).toString();

async function sendSpans(otlp: string, spans: readonly Span[]) {
  const byOrigin = new Map<string, Span[]>();
  for (const span of spans) {
    const origin = `${span.service} ${span.version}`;
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), span]);
  }
  await post(otlp, 'traces', {
    resourceSpans: [...byOrigin.values()].map((of) => ({
      resource: { attributes: attributes({ 'service.name': of[0]!.service, 'service.version': of[0]!.version }) },
      scopeSpans: [{ scope: { name: 'e2e' }, spans: of.map(({ service: _, version: __, ...span }) => span) }],
    })),
  });
}

/** So many services in layers, each calling a few of the next ones. */
export async function sendManyServices(otlp: string, count: number): Promise<string> {
  const tag = hex(2);
  const layers = 6;
  const layerOf = (i: number) => Math.floor(Math.sqrt(i / count) * layers);
  const nameOf = (i: number) => `${tag}-${words[i % words.length]}-${i}`;
  const at = Date.now() - 3 * minute;
  const spans: Span[] = [];
  for (let caller = 0; caller < count; caller++) {
    const below = Array.from({ length: count }, (_, i) => i).filter((i) => layerOf(i) === layerOf(caller) + 1);
    for (let n = 0; n < Math.min(below.length, 1 + (caller % 3)); n++) {
      const called = below[(caller * 7 + n * 13) % below.length]!;
      const traceId = hex(16);
      const [serve, call, answer] = [hex(8), hex(8), hex(8)];
      const span = (spanId: string, parentSpanId: string, service: number, kind: number, from: number) => ({
        traceId,
        spanId,
        ...(parentSpanId ? { parentSpanId } : {}),
        name: 'GET /',
        kind,
        service: nameOf(service),
        version: '1',
        startTimeUnixNano: nano(at + from),
        endTimeUnixNano: nano(at + 30 - from),
        status: service % 23 === 7 ? { code: 2 } : {},
      });
      spans.push(span(serve, '', caller, 2, 0), span(call, serve, caller, 3, 1), span(answer, call, called, 2, 2));
    }
  }
  await sendSpans(otlp, spans);
  return tag;
}

const words = [
  'cart',
  'search',
  'billing',
  'ledger',
  'mailer',
  'pricing',
  'stock',
  'users',
  'sessions',
  'recommendation-ranking',
];
