import { ActionIcon, Button } from '@mantine/core';
import {
  IconBrandStackshare,
  IconClockPlay,
  IconGitCommit,
  IconHash,
  IconMail,
  type IconProps,
  IconTimeline,
  IconX,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Handle, MarkerType, type Node, type NodeProps, Position } from '@xyflow/react';
import { type ComponentType, useMemo, useState } from 'react';
import { readable } from '../design/foreign-text';
import { formatCount, formatDuration } from '../design/formats';
import { serviceColour } from '../design/service-colour';
import { nanos } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { Graph, useFar } from '../graph/Graph';
import { laidOut, type Route } from '../graph/layout';
import type { RoutedEdge } from '../graph/RoutedEdge';
import { RoomLink } from '../url/RoomLink';
import classes from './CausalGraph.module.css';
import { type CausalGraph as Causal, type CausalArrow, type CausalNode, drawn, isFocus, placesOf, titleOf } from './causal-parts';

type Card = Node<{ node: CausalNode; focus: boolean; chosen: boolean }, 'card'>;

const size = { width: 200, height: 50 };
const labelSize = { width: 56, height: 14 };
/** Calls need no word; what joins traces does. */
const words: Record<string, string> = { links: 'link', precedes: 'before', runs: 'runs', concerns: 'concerns' };

/** What led to what, from trace to trace: calls, messages, jobs, changes, and the ids they share. */
export default function CausalGraph({ graph, calls }: { graph: Causal; calls: boolean }) {
  const [chosen, setChosen] = useState('');
  const { nodes, arrows } = useMemo(() => drawn(graph, calls), [graph, calls]);
  const layout = useQuery({
    queryKey: ['causal layout', nodes.map((node) => node.id), arrows.map((arrow) => arrow.id)],
    queryFn: () =>
      laidOut(
        {
          boxes: nodes.map((node) => ({ id: node.id, ...size })),
          arrows: arrows.map(({ id, from, to, kind }) => ({ id, from, to, ...(words[kind] ? { label: labelSize } : {}) })),
        },
        { width: globalThis.innerWidth * 0.5, height: globalThis.innerHeight - 260 },
      ),
    placeholderData: (old) => old,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
  if (!layout.data) return <WaitingRows count={8} />;
  const { places, routes } = layout.data;
  const cards = nodes
    .filter((node) => places.has(node.id))
    .map(
      (node): Card => ({
        id: node.id,
        type: 'card',
        position: places.get(node.id)!,
        data: { node, focus: isFocus(node, graph), chosen: node.id === chosen },
        ...size,
        connectable: false,
        focusable: false,
      }),
    );
  const node = nodes.find((one) => one.id === chosen);
  const arrow = arrows.find((one) => one.id === chosen);
  return (
    <div className={classes.graph}>
      <div className={classes.canvas}>
        <Graph<Card>
          layout={layout.data}
          size={size}
          nodes={cards}
          edges={arrows.map((one) => drawnArrow(one, routes.get(one.id), chosen))}
          nodeTypes={nodeTypes}
          nodesDraggable={false}
          onNodeClick={(_, card) => setChosen(card.id)}
          onEdgeClick={(_, edge) => setChosen(edge.id)}
          onPaneClick={() => setChosen('')}
        />
      </div>
      {(node || arrow) && (
        <Chosen
          title={node ? titleOf(node) : arrow!.kind}
          arrows={arrow ? [arrow] : arrows.filter((one) => one.from === chosen || one.to === chosen)}
          places={node ? placesOf(node) : {}}
          close={() => setChosen('')}
        />
      )}
    </div>
  );
}

function drawnArrow(
  { id, from, to, kind, count, errorCount }: CausalArrow,
  route: Route | undefined,
  chosen: string,
): RoutedEdge {
  const mine = chosen === id || chosen === from || chosen === to;
  const colour =
    kind === 'precedes' ? 'var(--change)' : errorCount > 0 ? 'var(--error)' : mine ? 'var(--accent)' : 'var(--line-strong)';
  return {
    id,
    type: 'routed',
    source: from,
    target: to,
    data: { route },
    ...(words[kind] ? { label: words[kind] } : count > 1 && kind === 'calls' && mine ? { label: `${formatCount(count)}×` } : {}),
    focusable: false,
    style: {
      stroke: colour,
      strokeWidth: mine ? 2 : 1.3,
      ...(kind === 'calls' ? {} : { strokeDasharray: kind === 'concerns' ? '2 4' : '6 4' }),
    },
    labelStyle: { fill: 'var(--text-soft)', fontSize: 11 },
    markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 14, height: 14 },
  };
}

type ChosenProps = {
  title: string;
  arrows: readonly CausalArrow[];
  places: ReturnType<typeof placesOf>;
  close(): void;
};

const sentencesMax = 6;

/** Why it is there: the evidence of each arrow that touches it. */
function Chosen({ title, arrows, places, close }: ChosenProps) {
  return (
    <aside className={classes.chosen} aria-label="Evidence">
      <header>
        <h3>{readable(title, 160)}</h3>
        {places.page && (
          <Button component={RoomLink} to={places.page}>
            Open
          </Button>
        )}
        {places.question && (
          <Button component={RoomLink} to={places.question}>
            Ask why of this
          </Button>
        )}
        <ActionIcon aria-label="Close" onClick={close}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      <ul>
        {arrows.slice(0, sentencesMax).map((arrow) => (
          <li key={arrow.id}>{readable(arrow.evidence.sentence, 400)}</li>
        ))}
        {arrows.length > sentencesMax && <li>and {arrows.length - sentencesMax} more</li>}
      </ul>
    </aside>
  );
}

const icons: Record<string, ComponentType<IconProps>> = {
  trace: IconTimeline,
  spans: IconBrandStackshare,
  message: IconMail,
  job: IconClockPlay,
  business_id: IconHash,
  change: IconGitCommit,
};

function CausalCard({ data: { node, focus, chosen } }: NodeProps<Card>) {
  const far = useFar();
  const Icon = icons[node.kind] ?? IconTimeline;
  const failed = (node.errorCount ?? 0) > 0;
  return (
    <button
      type="button"
      className={classes.card}
      data-kind={node.kind}
      data-failed={failed}
      data-focus={focus}
      data-far={far}
      data-missing={node.missing === true || node.orphan === true}
      aria-pressed={chosen}
      style={size}
      title={readable(node.label, 300)}
    >
      <Handle type="target" position={Position.Left} className={classes.handle!} />
      <span className={classes.title}>
        <Icon size={14} color={node.service ? serviceColour(node.service) : 'var(--text-faint)'} />
        <span>{readable(titleOf(node), 100)}</span>
      </span>
      {!far && <span className={classes.facts}>{readable(factsOf(node), 120)}</span>}
      <Handle type="source" position={Position.Right} className={classes.handle!} />
    </button>
  );
}

function factsOf(node: CausalNode): string {
  const spans = node.spanCount ?? 0;
  const facts = [
    node.kind === 'message' ? 'message' : node.kind === 'business_id' ? node.key : node.service,
    node.kind === 'change' && 'change',
    node.kind === 'job' && 'job',
    node.kind === 'trace' && spans > 0 && `trace of ${formatCount(spans)} ${spans === 1 ? 'span' : 'spans'}`,
    node.kind === 'spans' && spans > 1 && `${formatCount(spans)}×`,
    node.durationNano && formatDuration(nanos(node.durationNano)),
    (node.errorCount ?? 0) > 0 && (spans > 1 ? `${formatCount(node.errorCount ?? 0)} failed` : 'failed'),
    node.missing && 'not stored',
    node.orphan && 'its caller is missing',
  ];
  return facts.filter(Boolean).join(' · ');
}

const nodeTypes = { card: CausalCard };
