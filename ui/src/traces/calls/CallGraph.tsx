import { useQuery } from '@tanstack/react-query';
import { Handle, MarkerType, type Node, type NodeProps, Position } from '@xyflow/react';
import { useMemo } from 'react';
import { formatCount, formatDuration } from '../../design/formats';
import { ServiceName } from '../../design/ServiceName';
import { serviceColour } from '../../design/service-colour';
import { nanos } from '../../design/units';
import { WaitingRows } from '../../design/Waiting';
import { Graph } from '../../graph/Graph';
import { laidOut } from '../../graph/layout';
import type { RoutedEdge } from '../../graph/RoutedEdge';
import type { TraceColumns } from '../model/columns';
import classes from './CallGraph.module.css';
import { callsOf, type ServiceNode } from './calls';

type ServiceBox = Node<ServiceNode & { name: string; share: number }, 'service'>;

const size = { width: 210, height: 62 };
const labelSize = { width: 96, height: 14 };

/** The services of the trace and the calls between them. */
export default function CallGraph({ columns, select }: { columns: TraceColumns; select(span: number): void }) {
  const calls = useMemo(() => callsOf(columns), [columns]);
  const layout = useQuery({
    queryKey: ['calls', columns.ids[0], columns.count],
    queryFn: () =>
      laidOut(
        {
          boxes: calls.nodes.map((node) => ({ id: String(node.service), ...size })),
          arrows: calls.edges.map((edge) => ({
            id: `${edge.from}-${edge.to}`,
            from: String(edge.from),
            to: String(edge.to),
            label: labelSize,
          })),
        },
        { width: globalThis.innerWidth - 260, height: globalThis.innerHeight - 200 },
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
  if (!layout.data) return <WaitingRows />;
  const busiest = Math.max(...calls.nodes.map((node) => node.self), 1);
  const nodes = calls.nodes.map(
    (node): ServiceBox => ({
      id: String(node.service),
      type: 'service',
      position: layout.data.places.get(String(node.service)) ?? { x: 0, y: 0 },
      data: { ...node, name: columns.services[node.service]!, share: node.self / busiest },
      draggable: false,
      connectable: false,
    }),
  );
  const edges = calls.edges.map((edge): RoutedEdge => {
    const id = `${edge.from}-${edge.to}`;
    const colour = edge.errors > 0 ? 'var(--error)' : 'var(--line-strong)';
    const each = `${formatCount(edge.calls)}× ${formatDuration(nanos(edge.duration / edge.calls))}`;
    return {
      id,
      type: 'routed',
      source: String(edge.from),
      target: String(edge.to),
      data: { route: layout.data.routes.get(id) },
      label: edge.errors > 0 ? `${each}, ${formatCount(edge.errors)} failed` : each,
      style: { stroke: colour, strokeWidth: Math.min(4, 1 + Math.log10(edge.calls + 1)) },
      labelStyle: { fill: edge.errors > 0 ? 'var(--error)' : 'var(--text-soft)', fontSize: 11 },
      markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 14, height: 14 },
    };
  });
  const examples = new Map(calls.edges.map((edge) => [`${edge.from}-${edge.to}`, edge.example]));
  return (
    <Graph<ServiceBox>
      layout={layout.data}
      size={size}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      onEdgeClick={(_, edge) => select(examples.get(edge.id)!)}
      onNodeClick={(_, node) => select(columns.service.indexOf(Number(node.id)))}
    />
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
