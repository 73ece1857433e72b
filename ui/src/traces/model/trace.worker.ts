/// <reference lib="webworker" />
import { Problem, problemOf, unreachable } from '../../api/problem';
import { logMatches, matches, mayHold, parseWanted } from './search';
import { TraceBuilder } from './trace-builder';
import { TraceStream } from './trace-stream';
import type { Question, Reply } from './trace-talk';
import type { Span, SpanDetails, TraceHead } from './trace-types';

declare const self: DedicatedWorkerGlobalScope;

/** As soon as so many are here the page shows them, and the rest when all are. */
const firstLook = 2_000;

let builder: TraceBuilder | null = null;

self.onmessage = (event: MessageEvent<Question>) => {
  const question = event.data;
  if (question.ask === 'load') void load(question.url);
  else if (builder) reply({ is: 'answer', id: question.id, value: answer(builder, question) });
};

async function load(url: string) {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    return fail(unreachable());
  }
  if (!response.ok) return fail(await problemOf(response));
  let made: TraceBuilder | null = null;
  const stream = new TraceStream({
    head: (json) => {
      const head = JSON.parse(json) as TraceHead;
      made = new TraceBuilder(head);
      builder = made;
      reply({ is: 'head', head });
    },
    span: (json) => {
      made!.addSpan(json);
      if (made!.count === firstLook) reply({ is: 'columns', columns: made!.columns(), done: false });
      else if (made!.count % 10_000 === 0) reply({ is: 'progress', count: made!.count });
    },
    log: (json) => made!.addLog(json),
  });
  try {
    const reader = response.body!.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) stream.push(part.value);
    if (!made) throw new Error('The answer held no trace.');
    reply({ is: 'columns', columns: (made as TraceBuilder).columns(), done: true });
  } catch (error) {
    fail(new Problem(0, `The trace broke off while it was loaded: ${(error as Error).message}`));
  }
}

function answer(trace: TraceBuilder, question: Exclude<Question, { ask: 'load' }>): unknown {
  switch (question.ask) {
    case 'details':
      return details(trace, question.span);
    case 'search':
      return search(trace, question.text);
    case 'logs':
      return trace.logs.map((log) => ({ log, span: log.spanId ? trace.indexOf(log.spanId) : -1 }));
    case 'index':
      return trace.indexOf(question.spanId);
  }
}

function details(trace: TraceBuilder, at: number): SpanDetails {
  const spanJson = trace.spanTexts[at]!;
  const span = JSON.parse(spanJson) as Span;
  return {
    span,
    spanJson,
    resource: trace.head.resources[span.resource] ?? null,
    scope: (span.scope && trace.head.scopes?.[span.scope]) || null,
    logs: trace.logs.filter((log) => log.spanId === span.spanId),
  };
}

function search(trace: TraceBuilder, typed: string): Int32Array {
  const wanted = parseWanted(typed);
  if (!wanted) return new Int32Array();
  const found = new Set<number>();
  for (const log of trace.logs) if (log.spanId && logMatches(log, wanted)) found.add(trace.indexOf(log.spanId));
  trace.spanTexts.forEach((json, at) => {
    if (mayHold(json, wanted) && matches(JSON.parse(json) as Span, wanted)) found.add(at);
  });
  found.delete(-1);
  return Int32Array.from(found).sort();
}

function fail(problem: Problem) {
  reply({ is: 'failed', status: problem.status, message: problem.message });
}

function reply(what: Reply) {
  self.postMessage(what);
}
