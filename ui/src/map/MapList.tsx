import { Badge } from '../design/Badge';
import { readable } from '../design/foreign-text';
import { formatDuration, formatRate, formatRatio } from '../design/formats';
import { Panel } from '../design/Panel';
import { ServiceName } from '../design/ServiceName';
import { type Column, Table } from '../design/Table';
import { nanos, ratio } from '../design/units';
import { address } from '../url/addresses';
import { HealthBadge, hasBaseline } from './Health';
import classes from './Map.module.css';
import type { MapEdge, MapNode } from './map-parts';

type Props = { nodes: readonly MapNode[]; edges: readonly MapEdge[]; chosen: string };

const here = (chosen: string) => address('/map', { view: 'list', chosen });

type Measured = Pick<MapNode, 'health' | 'healthReasons' | 'requestRate' | 'errorRatio' | 'p95Nano'>;

const figures = (compared: boolean): Column<Measured>[] => [
  { title: 'Health', width: 96, cell: (one) => <HealthBadge of={one} compared={compared} /> },
  { title: 'Rate', width: 80, align: 'right', cell: (one) => formatRate(one.requestRate) },
  { title: 'Failed', width: 76, align: 'right', cell: (one) => formatRatio(ratio(one.errorRatio)) },
  { title: 'p95', width: 80, align: 'right', cell: (one) => (one.p95Nano ? formatDuration(nanos(one.p95Nano)) : '–') },
];

/** The map in words: for a screen reader, a keyboard, and whoever wants to sort by eye. */
export function MapList({ nodes, edges, chosen }: Props) {
  const compared = hasBaseline(nodes);
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  const bySeverity = nodes.toSorted((a, b) => b.errorRatio - a.errorRatio || b.requestRate - a.requestRate);
  return (
    <div className={classes.list}>
      <Panel title="Nodes" note={`${nodes.length}`} flush>
        <Table<MapNode>
          label="Nodes of the map"
          rows={bySeverity}
          id={(node) => node.id}
          to={(node) => here(node.id)}
          chosen={chosen}
          columns={[
            {
              title: 'Name',
              cell: (node) => (node.kind === 'service' ? <ServiceName service={node.name} /> : readable(node.name, 120)),
            },
            { title: 'Kind', width: 96, soft: true, cell: (node) => node.kind },
            ...figures(compared),
          ]}
        />
      </Panel>
      <Panel title="Calls" note={`${edges.length}`} flush>
        <Table<MapEdge>
          label="Calls of the map"
          rows={edges}
          id={(edge) => edge.id}
          to={(edge) => here(edge.id)}
          chosen={chosen}
          columns={[
            {
              title: 'From, to',
              cell: (edge) => `${readable(names.get(edge.from) ?? '', 60)} → ${readable(names.get(edge.to) ?? '', 60)}`,
            },
            {
              title: 'Kind',
              width: 96,
              soft: true,
              cell: (edge) => (edge.broken ? <Badge tone="warning">loses traces</Badge> : edge.kind),
            },
            ...figures(compared),
          ]}
        />
      </Panel>
    </div>
  );
}
