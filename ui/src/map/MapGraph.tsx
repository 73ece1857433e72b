import '@xyflow/react/dist/style.css';
import { Button, useComputedColorScheme } from '@mantine/core';
import { IconBrandStackshare, IconCloud, IconDatabase, IconListDetails } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  MiniMap,
  type Node,
  type NodeProps,
  Panel,
  Position,
  ReactFlow,
} from '@xyflow/react';
import { useEffect, useMemo, useState } from 'react';
import { readable } from '../design/foreign-text';
import { formatCount, formatDuration, formatRate, formatRatio } from '../design/formats';
import { serviceColour } from '../design/service-colour';
import { nanos, ratio } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { layered } from '../graph/layout';
import classes from './Map.module.css';
import { healthTone, type MapEdge, type MapNode, neighbourhood } from './map-parts';
import { type Places, placedAmongKnown, rememberedPlaces, rememberPlaces } from './places';

type Card = Node<{ node: MapNode; chosen: boolean; dim: boolean; choose(): void }, 'card'>;
type Props = { nodes: readonly MapNode[]; edges: readonly MapEdge[]; chosen: string; choose(id: string): void };

const size = { width: 208, height: 62 };
/** Above this many arrows, only those of the chosen node say their figures. */
const labelledMax = 40;

export default function MapGraph({ nodes, edges, chosen, choose }: Props) {
  const scheme = useComputedColorScheme('dark');
  const [round, setRound] = useState(0);
  const ids = nodes.map((node) => node.id).sort();
  const places = useQuery({
    queryKey: ['map places', round, ids],
    queryFn: async () => {
      const known = rememberedPlaces();
      const next: Places =
        (round === 0 ? placedAmongKnown(ids, edges, known) : null) ??
        (await layered(
          ids.map((id) => ({ id, ...size })),
          edges.map(({ id, from, to }) => ({ id, from, to })),
        ));
      rememberPlaces(new Map([...[...known].filter(([id]) => !next.has(id)), ...next]));
      return next;
    },
    placeholderData: (old) => old,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const near = useMemo(() => {
    const edge = edges.find((one) => one.id === chosen);
    if (edge) return new Set([edge.from, edge.to]);
    return nodes.some((node) => node.id === chosen) ? neighbourhood(chosen, edges) : null;
  }, [chosen, nodes, edges]);
  // A node that has no place yet appears with the next layout.
  const known = places.data;
  const cards = useMemo(
    () =>
      nodes
        .filter((node) => known?.has(node.id))
        .map(
          (node): Card => ({
            id: node.id,
            type: 'card',
            position: known!.get(node.id)!,
            data: { node, chosen: node.id === chosen, dim: near !== null && !near.has(node.id), choose: () => choose(node.id) },
            ...size,
            connectable: false,
            focusable: false,
          }),
        ),
    [nodes, known, chosen, near, choose],
  );
  const arrows = useMemo(
    () => edges.map((edge) => arrow(edge, chosen, near, edges.length <= labelledMax)),
    [edges, chosen, near],
  );
  const [moved, setMoved] = useState<Card[]>(cards);
  useEffect(() => setMoved(cards), [cards]);
  if (!known) return <WaitingRows />;
  return (
    <ReactFlow
      nodes={moved}
      edges={arrows}
      nodeTypes={nodeTypes}
      colorMode={scheme}
      fitView
      fitViewOptions={{ maxZoom: 1.1, padding: 0.08 }}
      minZoom={0.08}
      onlyRenderVisibleElements={nodes.length > 60}
      proOptions={{ hideAttribution: true }}
      disableKeyboardA11y
      className={classes.graph!}
      onNodesChange={(changes) =>
        setMoved((old) =>
          old.map((card) => {
            const change = changes.find((one) => one.type === 'position' && one.id === card.id);
            return change?.type === 'position' && change.position ? { ...card, position: change.position } : card;
          }),
        )
      }
      onNodeDragStop={(_, card) => rememberPlaces(new Map([...rememberedPlaces(), [card.id, card.position]]))}
      onEdgeClick={(_, edge) => choose(edge.id)}
      onPaneClick={() => choose('')}
    >
      <Background gap={24} color="var(--line)" />
      <Controls showInteractive={false} />
      {nodes.length > 30 && <MiniMap pannable zoomable ariaLabel="Overview" />}
      <Panel position="top-right">
        <Button onClick={() => setRound(round + 1)} title="Nodes stay where they are until you ask for this">
          Lay out again
        </Button>
      </Panel>
    </ReactFlow>
  );
}

function arrow(edge: MapEdge, chosen: string, near: Set<string> | null, labelled: boolean): Edge {
  const tone = healthTone(edge.health);
  const broken = edge.broken !== undefined;
  const colour = tone === 'error' ? 'var(--error)' : broken || tone === 'warning' ? 'var(--warning)' : 'var(--line-strong)';
  const mine = near?.has(edge.from) === true && near.has(edge.to);
  const facts = [
    edge.requestRate > 0 && formatRate(edge.requestRate),
    (mine || edge.id === chosen) && edge.p95Nano !== null && edge.p95Nano > 0 && formatDuration(nanos(edge.p95Nano)),
    edge.errorRatio > 0 && `${formatRatio(ratio(edge.errorRatio))} failed`,
    broken && `${formatCount(edge.broken!.lostCount)} lost their trace`,
  ].filter(Boolean);
  return {
    id: edge.id,
    source: edge.from,
    target: edge.to,
    ...(labelled || mine || edge.id === chosen ? { label: facts.join(' · ') } : {}),
    animated: false,
    focusable: false,
    style: {
      stroke: edge.id === chosen ? 'var(--accent)' : colour,
      strokeWidth: 1.2 + Math.log10(1 + edge.requestRate),
      opacity: near === null || mine ? 1 : 0.18,
      ...(broken ? { strokeDasharray: '6 4' } : {}),
    },
    labelStyle: { fill: colour === 'var(--line-strong)' ? 'var(--text-soft)' : colour, fontSize: 11 },
    labelBgStyle: { fill: 'var(--ground)' },
    markerEnd: { type: MarkerType.ArrowClosed, color: colour },
  };
}

const icons = { queue: IconListDetails, database: IconDatabase, external: IconCloud, service: IconBrandStackshare };
const words: Record<string, string> = { queue: 'topic', database: 'database', external: 'not instrumented' };

function NodeCard({ data: { node, chosen, dim, choose } }: NodeProps<Card>) {
  const Icon = icons[node.kind as keyof typeof icons] ?? IconCloud;
  const tone = healthTone(node.health);
  return (
    <button
      type="button"
      className={classes.card}
      data-tone={tone}
      data-kind={node.kind}
      data-dim={dim}
      aria-pressed={chosen}
      style={size}
      onClick={choose}
    >
      <Handle type="target" position={Position.Left} className={classes.handle!} />
      <span className={classes.cardName}>
        <Icon size={14} color={node.kind === 'service' ? serviceColour(node.name) : 'var(--text-faint)'} />
        <span>{readable(node.name, 100) || '(no name)'}</span>
        {tone !== 'ok' && <em>{node.health}</em>}
      </span>
      <span className={classes.cardFacts}>
        {words[node.kind] && `${words[node.kind]} · `}
        {formatRate(node.requestRate)}
        {node.p95Nano ? ` · ${formatDuration(nanos(node.p95Nano))}` : ''}
        {node.errorRatio > 0 && <strong> · {formatRatio(ratio(node.errorRatio))} failed</strong>}
      </span>
      <Handle type="source" position={Position.Right} className={classes.handle!} />
    </button>
  );
}

const nodeTypes = { card: NodeCard };
