import {
  IconAlertTriangleFilled,
  IconArrowsShuffle,
  IconBrandStackshare,
  IconCloud,
  IconDatabase,
  IconListDetails,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ControlButton, Handle, MarkerType, type Node, type NodeProps, Position } from '@xyflow/react';
import { useMemo, useRef, useState } from 'react';
import { readable } from '../design/foreign-text';
import { formatCount, formatDuration, formatRate, formatRatio } from '../design/formats';
import { serviceColour } from '../design/service-colour';
import { nanos, ratio } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { Graph, useFar } from '../graph/Graph';
import { type Layout, laidOut, laidOutAgain, type Place, type Route } from '../graph/layout';
import type { RoutedEdge } from '../graph/RoutedEdge';
import { hasBaseline, healthTone, healthWord } from './Health';
import classes from './Map.module.css';
import { type MapEdge, type MapNode, neighbourhood } from './map-parts';
import { covers, keepMap, keptMap, withKept } from './places';

type Card = Node<{ node: MapNode; word: string; compact: boolean; chosen: boolean; dim: boolean; choose(): void }, 'card'>;
type Parts = { nodes: readonly MapNode[]; edges: readonly MapEdge[] };
type Props = Parts & {
  /** What gets a place, more than is shown where a moment is looked at: nodes then stay where they are from moment to moment. */
  laid: Parts;
  /** Whether this is the whole map, whose places are kept for the next time. */
  whole: boolean;
  chosen: string;
  choose(id: string): void;
};

const large = { width: 188, height: 56 };
const small = { width: 184, height: 30 };
const labelSize = { width: 66, height: 14 };
const again = 'Lay out again: nodes stay where they are until you ask for this';
/** Above this many nodes, cards say their name and what is wrong, and no more. */
const compactMin = 50;
/** Failures that are seen from afar, whether or not there is an earlier time to judge them by. */
const noticed = 0.05;
/** Above this many arrows, only those of the chosen node say their figures. */
const labelledMax = 60;

export default function MapGraph({ nodes, edges, laid, whole, chosen, choose }: Props) {
  const [round, setRound] = useState(0);
  const [dragged, setDragged] = useState<Card | null>(null);
  const compact = laid.nodes.length > compactMin;
  const labelled = laid.edges.length <= labelledMax;
  const layout = useLayout(laid, whole, round, compact ? small : large, labelled);
  const near = useMemo(() => {
    const edge = edges.find((one) => one.id === chosen);
    if (edge) return new Set([edge.from, edge.to]);
    return nodes.some((node) => node.id === chosen) ? neighbourhood(chosen, edges) : null;
  }, [chosen, nodes, edges]);
  const known = layout.data;
  const compared = hasBaseline(laid.nodes);
  const cards = useMemo(
    () =>
      nodes
        // A node that has no place yet appears with the next layout.
        .filter((node) => known?.places.has(node.id))
        .map(
          (node): Card => ({
            id: node.id,
            type: 'card',
            position: known!.places.get(node.id)!,
            data: {
              node,
              word: healthWord(node, compared),
              compact,
              chosen: node.id === chosen,
              dim: near !== null && !near.has(node.id),
              choose: () => choose(node.id),
            },
            ...(compact ? small : large),
            connectable: false,
            focusable: false,
          }),
        ),
    [nodes, known, compared, compact, chosen, near, choose],
  );
  const arrows = useMemo(
    () =>
      edges.map((edge) => {
        const moves = dragged !== null && (edge.from === dragged.id || edge.to === dragged.id);
        return arrow(edge, moves ? undefined : known?.routes.get(edge.id), chosen, near, labelled);
      }),
    [edges, known, dragged, chosen, near, labelled],
  );
  if (!known) return <WaitingRows count={10} />;
  return (
    <Graph<Card>
      layout={known}
      size={compact ? small : large}
      nodes={dragged ? cards.map((card) => (card.id === dragged.id ? { ...card, position: dragged.position } : card)) : cards}
      edges={arrows}
      nodeTypes={nodeTypes}
      nodesDraggable={whole}
      onNodesChange={(changes) => {
        for (const change of changes)
          if (change.type === 'position' && change.position)
            setDragged((old) => (old?.id === change.id ? { ...old, position: change.position! } : old));
      }}
      onNodeDragStart={(_, card) => setDragged(card)}
      onNodeDragStop={(_, card) => {
        void movedTo(card.id, card.position, compact ? small : large)
          .then(() => layout.refetch())
          .finally(() => setDragged(null));
      }}
      onEdgeClick={(_, edge) => choose(edge.id)}
      onPaneClick={() => choose('')}
      controls={
        whole && (
          <ControlButton title={again} aria-label={again} onClick={() => setRound(round + 1)}>
            <IconArrowsShuffle />
          </ControlButton>
        )
      }
    />
  );
}

/** Places and ways. The whole map is as it was the last time, unless there is something new in it or another round is asked for. */
function useLayout(
  { nodes, edges }: Parts,
  whole: boolean,
  round: number,
  size: { width: number; height: number },
  labelled: boolean,
) {
  const ids = nodes.map((node) => node.id).sort();
  const lines = edges.map((edge) => edge.id).sort();
  const asked = useRef(0);
  return useQuery({
    queryKey: ['map layout', whole, round, ids, lines],
    queryFn: async (): Promise<Layout> => {
      const graph = {
        boxes: ids.map((id) => ({ id, ...size })),
        arrows: edges
          .toSorted((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ id, from, to }) => ({ id, from, to, ...(labelled ? { label: labelSize } : {}) })),
      };
      if (!whole) return laidOut(graph, pictureSize());
      const kept = round === asked.current ? keptMap() : null;
      asked.current = round;
      if (kept && covers(kept, graph)) return kept.layout;
      const all = withKept(graph, kept);
      const layout = await laidOut(all, pictureSize());
      keepMap({ width: size.width, arrows: all.arrows, layout });
      return layout;
    },
    placeholderData: (old) => old,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}

/** With one node where the reader put it, and the ways around it. */
async function movedTo(id: string, place: Place, size: { width: number; height: number }) {
  const kept = keptMap();
  if (!kept) return;
  const places = new Map([...kept.layout.places, [id, place]]);
  const boxes = [...places.keys()].map((one) => ({ id: one, ...size }));
  const layout = await laidOutAgain({ boxes, arrows: kept.arrows }, kept.layout.direction, places);
  keepMap({ ...kept, layout });
}

/** About what the window leaves for the map when nothing stands beside it. */
const pictureSize = () => ({ width: globalThis.innerWidth - 220, height: globalThis.innerHeight - 110 });

function arrow(edge: MapEdge, route: Route | undefined, chosen: string, near: Set<string> | null, labelled: boolean): RoutedEdge {
  const tone = healthTone(edge.health);
  const broken = edge.broken !== undefined;
  const mine = edge.id === chosen || (near?.has(edge.from) === true && near.has(edge.to));
  const colour =
    edge.id === chosen
      ? 'var(--accent)'
      : tone === 'error'
        ? 'var(--error)'
        : broken || tone === 'warning'
          ? 'var(--warning)'
          : mine
            ? 'var(--text-faint)'
            : 'var(--line-strong)';
  return {
    id: edge.id,
    type: 'routed',
    source: edge.from,
    target: edge.to,
    data: { route },
    ...(labelled || mine ? { label: labelOf(edge) } : {}),
    focusable: false,
    zIndex: mine ? 1 : 0,
    style: {
      stroke: colour,
      strokeWidth: Math.min(4, 1.2 + 0.8 * Math.log10(1 + edge.requestRate)),
      opacity: near === null || mine ? 1 : 0.15,
      ...(broken ? { strokeDasharray: '6 4' } : {}),
    },
    labelStyle: {
      fill: edge.errorRatio > 0 ? 'var(--error)' : broken ? 'var(--warning)' : 'var(--text-soft)',
      fontSize: 11,
      opacity: near === null || mine ? 1 : 0.3,
    },
    markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 14, height: 14 },
  };
}

/** One figure: what is wrong, or how much passes. The others stand beside the map when it is chosen. */
function labelOf(edge: MapEdge): string {
  if (edge.broken) return `${formatCount(edge.broken.lostCount)} lost`;
  if (edge.errorRatio > 0) return `${formatRatio(ratio(edge.errorRatio))} failed`;
  return formatRate(edge.requestRate);
}

const icons = { queue: IconListDetails, database: IconDatabase, external: IconCloud, service: IconBrandStackshare };
const words: Record<string, string> = { queue: 'topic', database: 'database', external: 'not instrumented' };

function NodeCard({ data: { node, word, compact, chosen, dim, choose } }: NodeProps<Card>) {
  const far = useFar();
  const Icon = icons[node.kind as keyof typeof icons] ?? IconCloud;
  const tone = healthTone(node.health);
  const failed = node.errorRatio > 0 && `${formatRatio(ratio(node.errorRatio))} failed`;
  return (
    <button
      type="button"
      className={classes.card}
      data-tone={tone}
      data-kind={node.kind}
      data-dim={dim}
      data-failed={node.errorRatio > noticed}
      data-far={far}
      data-compact={compact}
      aria-pressed={chosen}
      style={compact ? small : large}
      onClick={choose}
    >
      <Handle type="target" position={Position.Left} className={classes.handle!} />
      <span className={classes.cardName}>
        {far && node.errorRatio > noticed ? (
          <IconAlertTriangleFilled size={18} />
        ) : (
          <Icon size={14} color={node.kind === 'service' ? serviceColour(node.name) : 'var(--text-faint)'} />
        )}
        <span>{readable(node.name, 100) || '(no name)'}</span>
        {!far && (compact ? failed && <em>{formatRatio(ratio(node.errorRatio))}</em> : word && <em>{word}</em>)}
      </span>
      {!compact && !far && (
        <span className={classes.cardFacts}>
          {words[node.kind] && `${words[node.kind]} · `}
          {formatRate(node.requestRate)}
          {node.p95Nano ? ` · ${formatDuration(nanos(node.p95Nano))}` : ''}
          {failed && <strong> · {failed}</strong>}
        </span>
      )}
      <Handle type="source" position={Position.Right} className={classes.handle!} />
    </button>
  );
}

const nodeTypes = { card: NodeCard };
