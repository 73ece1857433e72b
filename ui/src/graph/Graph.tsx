import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import { IconMaximize } from '@tabler/icons-react';
import {
  Background,
  ControlButton,
  Controls,
  getViewportForBounds,
  MiniMap,
  type Node,
  ReactFlow,
  type ReactFlowProps,
  useReactFlow,
  useStore,
} from '@xyflow/react';
import { type ReactNode, useEffect, useState } from 'react';
import classes from './Graph.module.css';
import type { Layout } from './layout';
import { RoutedArrow, type RoutedEdge } from './RoutedEdge';
import { boundsOf } from './route';

type Props<N extends Node> = Pick<
  ReactFlowProps<N, RoutedEdge>,
  | 'nodes'
  | 'edges'
  | 'nodeTypes'
  | 'onEdgeClick'
  | 'onNodeClick'
  | 'onPaneClick'
  | 'onNodesChange'
  | 'onNodeDragStart'
  | 'onNodeDragStop'
  | 'nodesDraggable'
> & {
  /** Another layout is another picture, and shown whole again. */
  layout: Layout;
  size: { width: number; height: number };
  /** More buttons beside those for looking around. */
  controls?: ReactNode;
};

const edgeTypes = { routed: RoutedArrow };
const zoom = { min: 0.06, max: 2, fitted: 1.1 };
const padding = 0.05;
const many = 40;
/** Where a letter of a card is too small to read, cards show their name alone, and larger. */
const farZoom = 0.62;

/** Boxes and routed arrows to look around in. Shown whole until the reader moves it. */
export function Graph<N extends Node>({ layout, size, controls, ...graph }: Props<N>) {
  const scheme = useComputedColorScheme('dark');
  const [moved, setMoved] = useState(false);
  const crowded = (graph.nodes?.length ?? 0) > many;
  return (
    <ReactFlow<N, RoutedEdge>
      {...graph}
      edgeTypes={edgeTypes}
      colorMode={scheme}
      minZoom={zoom.min}
      maxZoom={zoom.max}
      onlyRenderVisibleElements={crowded}
      proOptions={{ hideAttribution: true }}
      disableKeyboardA11y
      className={classes.graph!}
      onMove={(event) => {
        if (event) setMoved(true);
      }}
    >
      <Background gap={24} color="var(--line)" />
      <Looking layout={layout} size={size} moved={moved} setMoved={setMoved} controls={controls} />
      {crowded && moved && <MiniMap pannable zoomable ariaLabel="Overview" className={classes.overview!} />}
    </ReactFlow>
  );
}

type LookingProps = Pick<Props<Node>, 'layout' | 'size' | 'controls'> & { moved: boolean; setMoved(moved: boolean): void };

/** Buttons to look around; the whole again when the picture or the room for it changes, unless the reader has chosen what to look at. */
function Looking({ layout, size, moved, setMoved, controls }: LookingProps) {
  const { setViewport } = useReactFlow();
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  const showAll = () =>
    void setViewport(getViewportForBounds(boundsOf(layout, size), width, height, zoom.min, zoom.fitted, padding));
  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when, not how
  useEffect(() => {
    if (!moved && width > 0) showAll();
  }, [layout, width, height]);
  return (
    <Controls showInteractive={false} showFitView={false}>
      <ControlButton
        title="Show all"
        aria-label="Show all"
        onClick={() => {
          setMoved(false);
          showAll();
        }}
      >
        <IconMaximize />
      </ControlButton>
      {controls}
    </Controls>
  );
}

/** Whether the reader is so far away that only names can be read. */
export const useFar = () => useStore((store) => store.transform[2] < farZoom);
