import { useLocalStorage } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useRef } from 'react';
import { formatExact } from '../../design/formats';
import { useKeys } from '../../frame/keys';
import { isError, type TraceColumns } from '../model/columns';
import type { Rows } from '../model/rows';
import type { Window } from './bars';
import { Minimap } from './Minimap';
import classes from './Waterfall.module.css';
import { WaterfallRow } from './WaterfallRow';

type Props = {
  columns: TraceColumns;
  start: Float64Array;
  rows: Rows;
  whole: Window;
  window: Window;
  setWindow(window: Window | null): void;
  selected: number;
  select(span: number): void;
  isOpen(at: number): boolean;
  toggle(at: number): void;
  matches: ReadonlySet<number>;
  /** Only these services are bright; all when null. */
  bright: ReadonlySet<number> | null;
  critical: boolean;
};

const rowHeight = 24;

export function Waterfall(props: Props) {
  const { columns, rows, selected, select, isOpen, toggle } = props;
  const [label, setLabel] = useLocalStorage({ key: 'waybill.trace.label', defaultValue: 40, getInitialValueInEffect: false });
  const scroll = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const selectedRow = selected < 0 ? -1 : rows.rowOf(selected);

  useEffect(() => {
    if (selectedRow >= 0) virtual.scrollToIndex(selectedRow, { align: 'auto' });
  }, [selectedRow, virtual]);

  const selectRow = useCallback((at: number) => rows.rows[at] && select(rows.rows[at].span), [rows, select]);
  const step = (by: number) =>
    selectRow(Math.min(rows.rows.length - 1, Math.max(0, (selectedRow < 0 ? (by > 0 ? -1 : 1) : selectedRow) + by)));
  const nextError = () => {
    const from = selected < 0 ? 0 : selected + 1;
    for (let i = 0; i < columns.count; i++) {
      const span = (from + i) % columns.count;
      if (isError(columns, span)) return select(span);
    }
  };
  useKeys('Waterfall', [
    { keys: 'j or ArrowDown', label: 'Next span', run: () => step(1) },
    { keys: 'k or ArrowUp', label: 'Previous span', run: () => step(-1) },
    { keys: 'ArrowRight', label: 'Expand, or go inside', run: () => (isOpen(selectedRow) ? step(1) : toggle(selectedRow)) },
    {
      keys: 'ArrowLeft',
      label: 'Collapse, or go to the parent',
      run: () => {
        if (selectedRow >= 0 && isOpen(selectedRow) && columns.size[selected]! > 1) toggle(selectedRow);
        else if (columns.parent[selected]! >= 0) select(columns.parent[selected]!);
      },
    },
    { keys: 'Enter or  ', label: 'Expand or collapse', run: () => toggle(selectedRow) },
    { keys: 'e', label: 'Next error', run: nextError },
    { keys: 'z', label: 'Show the whole time again', run: () => props.setWindow(null) },
  ]);

  return (
    <div ref={grid} className={classes.waterfall} style={{ '--label': `${label}%` } as React.CSSProperties}>
      <div className={classes.head}>
        <div className={classes.caption}>
          {formatExact(rows.rows.length)} rows
          {rows.rows.length !== columns.count && <span>of {formatExact(columns.count)} spans</span>}
        </div>
        <Minimap {...props} />
        <Grip
          label={label}
          setLabel={setLabel}
          width={() => grid.current?.clientWidth ?? 1}
          left={() => grid.current?.getBoundingClientRect().left ?? 0}
        />
      </div>
      <div
        ref={scroll}
        className={classes.scroll}
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={rows.rows.length}
        aria-activedescendant={selectedRow >= 0 ? rowId(selectedRow) : undefined}
        tabIndex={0}
        data-testid="waterfall"
      >
        <div className={classes.content} style={{ height: virtual.getTotalSize() }} role="rowgroup">
          {virtual.getVirtualItems().map(({ index, key }) => {
            const row = rows.rows[index]!;
            return (
              <WaterfallRow
                key={key}
                id={rowId(index)}
                columns={columns}
                start={props.start}
                row={row}
                at={index}
                open={isOpen(index)}
                selected={index === selectedRow}
                match={props.matches.has(row.span)}
                dim={props.bright !== null && !props.bright.has(columns.service[row.span]!)}
                from={props.window.from}
                to={props.window.to}
                critical={props.critical}
                select={selectRow}
                toggle={toggle}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

const rowId = (at: number) => `row-${at}`;

type GripProps = { label: number; setLabel(label: number): void; width(): number; left(): number };

function Grip({ label, setLabel, width, left }: GripProps) {
  const within = (share: number) => Math.min(75, Math.max(15, share));
  const move = (event: PointerEvent) => {
    if (event.buttons === 1) setLabel(within(((event.clientX - left()) / width()) * 100));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') setLabel(within(label - 2));
    else if (event.key === 'ArrowRight') setLabel(within(label + 2));
    else return;
    event.preventDefault();
  };
  return (
    <div
      className={classes.grip}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the names"
      aria-valuenow={Math.round(label)}
      aria-valuemin={15}
      aria-valuemax={75}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={move}
      onKeyDown={press}
    />
  );
}
