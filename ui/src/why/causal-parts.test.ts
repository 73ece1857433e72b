import { expect, test } from 'vitest';
import { type CausalGraph, type CausalNode, drawn, placesOf } from './causal-parts';

const node = (id: string, kind: string, more: Partial<CausalNode> = {}): CausalNode => ({
  id,
  kind,
  label: id,
  distance: 0,
  ...more,
});
const edge = (from: string, to: string, kind: string, count = 1) => ({
  from,
  to,
  kind,
  count,
  errorCount: 0,
  evidence: { sentence: `${from} ${kind} ${to}` },
});

const graph: CausalGraph = {
  id: 'order-1',
  recognisedAs: 'business_id',
  focus: ['trace:1'],
  status: 'complete',
  reasons: [],
  nodes: [
    node('trace:1', 'trace'),
    node('a', 'spans', { trace: 'trace:1' }),
    node('b', 'spans', { trace: 'trace:1' }),
    node('message:m', 'message'),
    node('trace:2', 'trace'),
    node('job', 'job'),
  ],
  edges: [
    edge('trace:1', 'a', 'contains'),
    edge('job', 'trace:1', 'runs'),
    edge('a', 'b', 'calls', 3),
    edge('b', 'message:m', 'publishes'),
    edge('message:m', 'trace:2', 'delivers'),
  ],
};
const lines = (calls: boolean) => drawn(graph, calls).arrows.map((arrow) => arrow.id);

test('with calls, a trace is its calls, and what led to it leads to the first of them', () => {
  expect(drawn(graph, true).nodes.map((one) => one.id)).toEqual(['a', 'b', 'message:m', 'trace:2', 'job']);
  expect(lines(true)).toEqual(['job>a>runs', 'a>b>calls', 'b>message:m>publishes', 'message:m>trace:2>delivers']);
});

test('without calls, each call is its trace, and no arrow leads from a trace to itself', () => {
  expect(drawn(graph, false).nodes.map((one) => one.id)).toEqual(['trace:1', 'message:m', 'trace:2', 'job']);
  expect(lines(false)).toEqual(['job>trace:1>runs', 'trace:1>message:m>publishes', 'message:m>trace:2>delivers']);
});

test('arrows that fall together are counted together', () => {
  const two = { ...graph, edges: [edge('a', 'message:m', 'publishes', 2), edge('b', 'message:m', 'publishes', 5)] };
  expect(drawn(two, false).arrows.map((arrow) => arrow.count)).toEqual([7]);
});

test('what is not stored has no page, and a question', () => {
  const { page, question } = placesOf(node('trace:3', 'trace', { missing: true, traceId: '3' }));
  expect([page, question]).toEqual([undefined, '/why?id=3']);
});
