import type { Schemas } from '../api/schemas';
import { changeAddress, traceAddress, whyAddress } from '../url/addresses';

export type CausalGraph = Schemas['CausalGraph'];
export type CausalNode = CausalGraph['nodes'][number];
type CausalEdge = CausalGraph['edges'][number];
export type CausalArrow = CausalEdge & { id: string };

/**
 * What is drawn: a trace whose calls are shown is its calls, and what led to it leads to the first of them; without calls each is its
 * trace. What joins in one arrow is counted together.
 */
export function drawn(graph: CausalGraph, calls: boolean): { nodes: CausalNode[]; arrows: CausalArrow[] } {
  const standIn = new Map<string, string>();
  for (const node of graph.nodes) {
    if (node.kind !== 'spans' || !node.trace) continue;
    if (!calls) standIn.set(node.id, node.trace);
    else if (!standIn.has(node.trace)) standIn.set(node.trace, node.id);
  }
  const nodes = graph.nodes.filter((node) => !standIn.has(node.id));
  const shown = new Set(nodes.map((node) => node.id));
  const arrows = new Map<string, CausalArrow>();
  for (const edge of graph.edges) {
    const from = standIn.get(edge.from) ?? edge.from;
    const to = standIn.get(edge.to) ?? edge.to;
    if (edge.kind === 'contains' || from === to || !shown.has(from) || !shown.has(to)) continue;
    const id = `${from}>${to}>${edge.kind}`;
    const known = arrows.get(id);
    arrows.set(
      id,
      known
        ? { ...known, count: known.count + edge.count, errorCount: known.errorCount + edge.errorCount }
        : { ...edge, id, from, to },
    );
  }
  return { nodes, arrows: [...arrows.values()] };
}

/** What was asked for, as it is drawn. */
export function isFocus(node: CausalNode, graph: CausalGraph): boolean {
  return graph.focus.includes(node.id) || (node.kind === 'business_id' && `${node.key}=${node.value}`.endsWith(graph.id));
}

export function titleOf(node: CausalNode): string {
  if (node.kind === 'business_id') return node.value ?? node.label;
  return node.operation || node.destination || node.label;
}

/** The page of a node, and what to ask to stand on it. */
export function placesOf(node: CausalNode): { page?: string; question?: string } {
  if (node.missing) return node.traceId ? { question: whyAddress(node.traceId) } : {};
  switch (node.kind) {
    case 'trace':
      return { page: traceAddress(node.traceId ?? ''), question: whyAddress(node.traceId ?? '') };
    case 'spans':
      return {
        page: traceAddress(node.traceId ?? '', { span: node.spanId ?? '' }),
        question: whyAddress(`${node.traceId}:${node.spanId}`),
      };
    case 'message':
      return { question: whyAddress(node.messageId ?? '') };
    case 'business_id':
      return { question: whyAddress(node.value ?? '') };
    case 'change':
      return { page: changeAddress(node.id.replace(/^change:/, '')) };
    default:
      return {};
  }
}
