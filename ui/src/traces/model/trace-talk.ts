import type { TraceColumns } from './columns';
import type { LogRecord, SpanDetails, TraceHead } from './trace-types';

/** What the page asks the worker, */
export type Question =
  | { ask: 'load'; url: string }
  | { ask: 'details'; id: number; span: number }
  | { ask: 'search'; id: number; text: string }
  | { ask: 'index'; id: number; spanId: string }
  | { ask: 'logs'; id: number };

/** and what it says. */
export type Reply =
  | { is: 'head'; head: TraceHead }
  | { is: 'progress'; count: number }
  | { is: 'columns'; columns: TraceColumns; done: boolean }
  | { is: 'failed'; status: number; message: string }
  | { is: 'answer'; id: number; value: unknown };

type PlacedLog = { log: LogRecord; span: number };

type Answers = { details: SpanDetails; search: Int32Array; index: number; logs: PlacedLog[] };

/** The worker, as the page sees it: one trace, loaded and held there. */
export class TraceWorker {
  private readonly worker = new Worker(new URL('./trace.worker.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<number, (value: unknown) => void>();
  private asked = 0;

  constructor(url: string, heard: (reply: Exclude<Reply, { is: 'answer' }>) => void) {
    this.worker.onmessage = (event: MessageEvent<Reply>) => {
      const reply = event.data;
      if (reply.is !== 'answer') return heard(reply);
      this.waiting.get(reply.id)?.(reply.value);
      this.waiting.delete(reply.id);
    };
    this.worker.onerror = (event) =>
      heard({ is: 'failed', status: 0, message: event.message || 'The part of the page that reads traces failed.' });
    this.worker.postMessage({ ask: 'load', url } satisfies Question);
  }

  ask<A extends keyof Answers>(question: Omit<Extract<Question, { ask: A }>, 'id'>): Promise<Answers[A]> {
    const id = ++this.asked;
    return new Promise((resolve) => {
      this.waiting.set(id, (value) => resolve(value as Answers[A]));
      this.worker.postMessage({ ...question, id });
    });
  }

  end() {
    this.worker.terminate();
  }
}
