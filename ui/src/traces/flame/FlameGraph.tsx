import { useElementSize } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { readable } from '../../design/foreign-text';
import { formatCount, formatDuration, formatRatio } from '../../design/formats';
import { ServiceName } from '../../design/ServiceName';
import { serviceColour } from '../../design/service-colour';
import { Table } from '../../design/Table';
import { nanos, ratio } from '../../design/units';
import type { TraceColumns } from '../model/columns';
import classes from './FlameGraph.module.css';
import { type FlameBox, type FlameNode, flameBoxes, flameOf, hottest } from './flame';

type Props = { columns: TraceColumns; select(span: number): void };

const rowHeight = 24;
const deepest = 60;

/** Where the time went: calls with the same path are one box, as wide as the own time in and below it. */
export default function FlameGraph({ columns, select }: Props) {
  const root = useMemo(() => flameOf(columns), [columns]);
  const [path, setPath] = useState<readonly FlameNode[]>([]);
  const focus = path.at(-1) ?? root;
  const { ref, width } = useElementSize();
  const boxes = useMemo(
    () => flameBoxes(root, focus, path.slice(0, -1), 3 / Math.max(300, width)).filter((box) => box.row < deepest),
    [root, focus, path, width],
  );
  const height = (Math.max(...boxes.map((box) => box.row), 0) + 1) * rowHeight;
  const zoom = (box: FlameBox) => {
    const at = path.indexOf(box.node);
    setPath(at >= 0 ? (at === path.length - 1 ? path.slice(0, -1) : path.slice(0, at + 1)) : pathTo(root, box.node));
    select(box.node.example);
  };
  return (
    <div className={classes.view}>
      <p className={classes.note}>
        Width is own time, summed over calls with the same path. Press a box to look closer, press it again to go back.
        {path.length > 0 && (
          <button type="button" className={classes.back} onClick={() => setPath([])}>
            Show all
          </button>
        )}
      </p>
      <div ref={ref} className={classes.flame} style={{ height }}>
        {boxes.map((box) => (
          <Box
            key={`${box.row} ${box.left} ${box.node.example}`}
            box={box}
            columns={columns}
            total={root.total}
            zoom={() => zoom(box)}
          />
        ))}
      </div>
      <h2 className={classes.title}>Most own time</h2>
      <Table
        label="Most own time"
        rows={hottest(root, 12)}
        id={(node) => String(node.example)}
        columns={[
          {
            title: 'Call',
            cell: (node) => (
              <button type="button" className={classes.call} onClick={() => select(node.example)}>
                {readable(columns.names[node.name]!, 200)}
              </button>
            ),
          },
          { title: 'Service', width: 180, cell: (node) => <ServiceName service={columns.services[node.service]!} /> },
          { title: 'Calls', width: 90, align: 'right', cell: (node) => formatCount(node.count) },
          { title: 'Own time', width: 110, align: 'right', cell: (node) => formatDuration(nanos(node.self)) },
          {
            title: 'Share',
            width: 90,
            align: 'right',
            cell: (node) => formatRatio(ratio(root.total > 0 ? node.self / root.total : 0)),
          },
        ]}
      />
    </div>
  );
}

function Box({
  box: { node, left, width, row },
  columns,
  total,
  zoom,
}: {
  box: FlameBox;
  columns: TraceColumns;
  total: number;
  zoom(): void;
}) {
  const service = columns.services[node.service]!;
  const name = readable(columns.names[node.name]!, 200);
  const what = `${readable(service, 100)}: ${name}, ${formatCount(node.count)} ${node.count === 1 ? 'call' : 'calls'}, ${formatDuration(nanos(node.total))} (${formatRatio(ratio(total > 0 ? node.total / total : 0))}), own ${formatDuration(nanos(node.self))}`;
  return (
    <button
      type="button"
      className={classes.box}
      data-failed={node.errors > 0}
      title={what}
      aria-label={what}
      style={{ left: `${left * 100}%`, width: `${width * 100}%`, top: row * rowHeight, background: serviceColour(service) }}
      onClick={zoom}
    >
      {name}
      {node.count > 1 && <span className={classes.count}> ×{formatCount(node.count)}</span>}
    </button>
  );
}

function pathTo(root: FlameNode, wanted: FlameNode): FlameNode[] {
  const waiting: FlameNode[][] = root.children.map((child) => [child]);
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    const last = path.at(-1)!;
    if (last === wanted) return path;
    for (const child of last.children) waiting.push([...path, child]);
  }
  return [];
}
