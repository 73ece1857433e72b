// Sends a mail for every order that was shipped. Receives from the Shop's queue, in the trace that sent the message.
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { suppressTracing } from '@opentelemetry/core';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { sdk } from './telemetry.mjs';

const tracer = trace.getTracer('shop-notifications');
const logger = logs.getLogger('shop-notifications');
const topic = new URL('topics/order.shipped/', process.env.SHOP_QUEUE_URL);
const outbox = join(process.env.SHOP_DATA ?? '.', 'outbox');
const mailsKept = 100;
const carriedKeys = ['tenant.id', 'user.id', 'session.id', 'order.id'];

let mailsSent = 0;
const stopping = new AbortController();

async function sendMail(order) {
  await tracer.startActiveSpan('send mail', { attributes: { 'shop.mail.template': 'order-shipped', 'order.id': order.orderId } }, async (span) => {
    try {
      const text = `To: ${order.user}@shop.example\nSubject: Your order ${order.orderId}\n\nIt left with ${order.courier}.\n`;
      await writeFile(join(outbox, `${mailsSent++ % mailsKept}.eml`), text);
      logger.emit({
        severityNumber: SeverityNumber.INFO,
        severityText: 'INFO',
        body: `Mail for order ${order.orderId} is out`,
        attributes: { 'order.id': order.orderId, 'user.id': order.user },
      });
    } finally {
      span.end();
    }
  });
}

async function handle(message) {
  const sender = propagation.extract(context.active(), message.headers);
  const attributes = {
    'messaging.system': 'shop-queue',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': message.topic,
    'messaging.message.id': message.id,
    'shop.delivery_count': message.deliveryCount,
  };
  const baggage = propagation.getBaggage(sender);
  for (const key of carriedKeys) if (baggage?.getEntry(key)) attributes[key] = baggage.getEntry(key).value;

  await tracer.startActiveSpan(`process ${message.topic}`, { kind: SpanKind.CONSUMER, attributes }, sender, async (span) => {
    try {
      await sendMail(message.body);
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

// Polls of an empty queue are not work: they are made without tracing.
const quietly = (path, body) =>
  context.with(suppressTracing(context.active()), () =>
    fetch(new URL(path, topic), {
      method: 'POST',
      body: body && JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      signal: stopping.signal,
    }),
  );

async function receive() {
  while (!stopping.signal.aborted) {
    try {
      const lease = await quietly('leases?max=1&waitSeconds=5');
      if (!lease.ok) throw new Error(`The queue answered ${lease.status}.`);
      for (const message of await lease.json()) {
        await handle(message);
        await quietly('settled', [message.id]);
      }
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.emit({ severityNumber: SeverityNumber.WARN, severityText: 'WARN', body: `Nothing is received from order.shipped for a second: ${error.message}` });
      await new Promise((resume) => setTimeout(resume, 1000));
    }
  }
}

await mkdir(outbox, { recursive: true });
const address = new URL(process.env.SHOP_URL ?? 'http://127.0.0.1:0');
const health = createServer((_, response) => response.end('ok')).listen(Number(address.port), address.hostname);

async function stop() {
  stopping.abort();
  health.close();
  await sdk.shutdown();
  process.exit(0);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// The parent holds our standard input open; it closes however the parent ends.
if (process.env.SHOP_CHILD === '1') process.stdin.on('end', stop).resume();
await receive();
