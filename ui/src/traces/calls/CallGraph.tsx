import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react';
import { useMemo } from 'react';
import { formatCount, formatDuration } from '../../design/formats';
import { ServiceName } from '../../design/ServiceName';
import { serviceColour } from '../../design/service-colour';
import { nanos } from '../../design/units';
import { WaitingRows } from '../../design/Waiting';
import { layered } from '../../graph/layout';
import type { TraceColumns } from '../model/columns';
import classes from './CallGraph.module.css';
import { callsOf, type ServiceNode } from './calls';

type ServiceBox = Node<ServiceNode & { name: string; share: number }, 'service'>;

const size = { width: 210, height: 66 };

/** The services of the trace and the calls between them. */
export default function CallGraph({ columns, select }: { columns: TraceColumns; select(span: number): void }) {
  const scheme = useComputedColorScheme('dark');
  const calls = useMemo(() => callsOf(columns), [columns]);
  const places = useQuery({
    queryKey: ['calls', columns.ids[0], columns.count],
    queryFn: () =>
      layered(
        calls.nodes.map((node) => ({ id: String(node.service), ...size })),
        calls.edges.map((edge) => ({ id: `${edge.from}-${edge.to}`, from: String(edge.from), to: String(edge.to) })),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
  if (!places.data) return <WaitingRows />;
  const busiest = Math.max(...calls.nodes.map((node) => node.self), 1);
  const nodes = calls.nodes.map(
    (node): ServiceBox => ({
      id: String(node.service),
      type: 'service',
      position: places.data.get(String(node.service)) ?? { x: 0, y: 0 },
      data: { ...node, name: columns.services[node.service]!, share: node.self / busiest },
      draggable: false,
      connectable: false,
    }),
  );
  const edges = calls.edges.map((edge): Edge => {
    const colour = edge.errors > 0 ? 'var(--error)' : 'var(--line-strong)';
    return {
      id: `${edge.from}-${edge.to}`,
      source: String(edge.from),
      target: String(edge.to),
      label: `${formatCount(edge.calls)}× ${formatDuration(nanos(edge.duration / edge.calls))}${edge.errors > 0 ? `, ${formatCount(edge.errors)} failed` : ''}`,
      style: { stroke: colour, strokeWidth: 1 + Math.log10(edge.calls + 1) },
      labelStyle: { fill: edge.errors > 0 ? 'var(--error)' : 'var(--text-soft)', fontSize: 11 },
      labelBgStyle: { fill: 'var(--surface)' },
      markerEnd: { type: MarkerType.ArrowClosed, color: colour },
      data: { example: edge.example },
    };
  });
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      colorMode={scheme}
      fitView
      fitViewOptions={{ maxZoom: 1.2, padding: 0.15 }}
      minZoom={0.1}
      proOptions={{ hideAttribution: true }}
      onEdgeClick={(_, edge) => select(edge.data?.example as number)}
      onNodeClick={(_, node) => select(columns.service.indexOf(Number(node.id)))}
    >
      <Background gap={24} color="var(--line)" />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}

function ServiceCard({ data }: NodeProps<ServiceBox>) {
  return (
    <div className={classes.card} data-failed={data.errors > 0} style={size}>
      <Handle type="target" position={Position.Left} className={classes.handle!} />
      <div className={classes.name}>
        <ServiceName service={data.name} />
      </div>
      <div className={classes.facts}>
        {formatCount(data.spans)} {data.spans === 1 ? 'span' : 'spans'}, own time {formatDuration(nanos(data.self))}
        {data.errors > 0 && <span className={classes.failed}>, {formatCount(data.errors)} failed</span>}
      </div>
      <div className={classes.share} style={{ width: `${data.share * 100}%`, background: serviceColour(data.name) }} />
      <Handle type="source" position={Position.Right} className={classes.handle!} />
    </div>
  );
}

const nodeTypes = { service: ServiceCard };
