import {
  IconAlertTriangleFilled,
  IconChevronRight,
  IconClockExclamation,
  IconCopy,
  IconLink,
  IconUnlink,
} from '@tabler/icons-react';
import { memo, type ReactNode } from 'react';
import { readable } from '../../design/foreign-text';
import { formatCount, formatDuration } from '../../design/formats';
import { serviceColour } from '../../design/service-colour';
import { nanos } from '../../design/units';
import { isError, Mark, nameOf, serviceOf, type TraceColumns } from '../model/columns';
import type { Row } from '../model/rows';
import { eventTone, logTone, marksOf, type Piece, piece, pieces, type Window } from './bars';
import classes from './Waterfall.module.css';

type Props = {
  columns: TraceColumns;
  /** Starts as shown: raw, or with the estimated clock offsets taken out. */
  start: Float64Array;
  row: Row;
  at: number;
  open: boolean;
  selected: boolean;
  match: boolean;
  dim: boolean;
  from: number;
  to: number;
  critical: boolean;
  id: string;
  select(at: number): void;
  toggle(at: number): void;
};

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

/** One row: what was called, and when. */
export const WaterfallRow = memo(function WaterfallRow(props: Props) {
  const { columns, row, at } = props;
  const { span, fold, depth } = row;
  const failed = isError(columns, span);
  const service = serviceOf(columns, span);
  const branches = fold !== null || columns.size[span]! > 1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      className={classes.row}
      style={{ transform: `translateY(${at * 24}px)` }}
      role="row"
      id={props.id}
      aria-rowindex={at + 1}
      aria-level={depth + 1}
      aria-selected={props.selected}
      {...(branches ? { 'aria-expanded': props.open } : {})}
      data-failed={failed}
      data-match={props.match}
      data-dim={props.dim}
      onClick={() => props.select(at)}
    >
      <div className={classes.label} role="gridcell">
        <span className={classes.indent} style={{ width: Math.min(depth, 18) * 14 }} />
        {branches ? (
          <button
            type="button"
            tabIndex={-1}
            className={classes.caret}
            data-open={props.open}
            aria-label={props.open ? 'Collapse' : 'Expand'}
            onClick={(event) => {
              event.stopPropagation();
              props.toggle(at);
            }}
          >
            <IconChevronRight size={13} />
          </button>
        ) : (
          <span className={classes.noCaret} />
        )}
        <span className={classes.swatch} style={{ background: serviceColour(service) }} />
        {fold && <span className={classes.count}>×{formatCount(fold.spans.length)}</span>}
        <span className={classes.name} title={`${readable(service, 200)}: ${readable(nameOf(columns, span), 500)}`}>
          {readable(nameOf(columns, span), 300) || '(no name)'}
        </span>
        <span className={classes.service}>{readable(service, 120)}</span>
        {!fold && <Icons columns={columns} span={span} failed={failed} open={props.open} />}
        {fold && failed && <Icon tone="error" label="These failed" icon={<IconAlertTriangleFilled size={12} />} />}
      </div>
      <div className={classes.lane} role="gridcell" aria-label={describe(columns, row)}>
        <div className={classes.track}>{fold ? <FoldBars {...props} /> : <Bar {...props} />}</div>
      </div>
    </div>
  );
});

function describe(columns: TraceColumns, { span, fold }: Row): string {
  if (fold) return `${fold.spans.length} calls, ${formatDuration(nanos(total(columns, fold.spans)))} together`;
  return formatDuration(nanos(columns.duration[span]!));
}

const total = (columns: TraceColumns, spans: readonly number[]) =>
  spans.reduce((sum, span) => sum + Math.max(0, columns.duration[span]!), 0);

function Icons({ columns, span, failed, open }: { columns: TraceColumns; span: number; failed: boolean; open: boolean }) {
  const marks = columns.marks[span]!;
  return (
    <>
      {failed && <Icon tone="error" label="Failed" icon={<IconAlertTriangleFilled size={12} />} />}
      {!failed && !open && (marks & Mark.errorBelow) !== 0 && (
        <Icon tone="error" label="A span inside failed" icon={<IconAlertTriangleFilled size={10} />} />
      )}
      {(marks & (Mark.orphan | Mark.cycle)) !== 0 && (
        <Icon tone="warning" label="Its parent was not received" icon={<IconUnlink size={13} />} />
      )}
      {(marks & Mark.sharedId) !== 0 && (
        <Icon tone="warning" label="Another span has the same id" icon={<IconCopy size={12} />} />
      )}
      {(marks & Mark.quarantined) !== 0 && (
        <Icon tone="warning" label="Its times cannot be right" icon={<IconClockExclamation size={13} />} />
      )}
      {columns.links[span]! > 0 && (
        <Icon tone="accent" label={`${columns.links[span]} links to other traces`} icon={<IconLink size={12} />} />
      )}
    </>
  );
}

function Icon({ tone, label, icon }: { tone: string; label: string; icon: ReactNode }) {
  return (
    <span className={classes.icon} data-tone={tone} role="img" aria-label={label} title={label}>
      {icon}
    </span>
  );
}

function Bar({ columns, start, row: { span }, from, to, critical }: Props) {
  const window = { from, to };
  const begin = start[span]!;
  const seen = piece(begin, begin + Math.max(0, columns.duration[span]!), window);
  if (!seen) return null;
  const shift = columns.start[span]! - begin;
  return (
    <>
      <div
        className={classes.bar}
        data-failed={isError(columns, span)}
        style={{ left: percent(seen.left), width: percent(seen.width), background: serviceColour(serviceOf(columns, span)) }}
      />
      {critical &&
        criticalPieces(columns, span, shift, window).map((one) => (
          <div key={one.left} className={classes.critical} style={box(one)} />
        ))}
      {marksOf(columns.events, span, shift, window, eventTone).map((mark) => (
        <div
          key={`e${mark.left}`}
          className={classes.event}
          data-kind={mark.tone === 'error' ? 'exception' : undefined}
          style={{ left: percent(mark.left) }}
        />
      ))}
      {marksOf(columns.logs, span, shift, window, logTone).map((mark) => (
        <div key={`l${mark.left}`} className={classes.log} data-tone={mark.tone} style={{ left: percent(mark.left) }} />
      ))}
      <Duration text={formatDuration(nanos(columns.duration[span]!))} seen={seen} />
    </>
  );
}

function criticalPieces(columns: TraceColumns, span: number, shift: number, window: Window): Piece[] {
  const { first, start, end } = columns.critical;
  const found: Piece[] = [];
  for (let i = first[span]!; i < first[span + 1]! && found.length < 200; i++) {
    const seen = piece(start[i]! - shift, end[i]! - shift, window);
    if (seen) found.push(seen);
  }
  return found;
}

function FoldBars({ columns, start, row, from, to }: Props) {
  const spans = row.fold!.spans;
  const seen = pieces(columns, start, spans, { from, to });
  const first = seen[0];
  const last = seen.at(-1);
  if (!first || !last) return null;
  const colour = serviceColour(serviceOf(columns, row.span));
  return (
    <>
      {seen.map((one) => (
        <div
          key={one.left}
          className={classes.bar}
          data-failed={isError(columns, row.span)}
          style={{ ...box(one), background: colour }}
        />
      ))}
      <Duration
        text={`Σ ${formatDuration(nanos(total(columns, spans)))}`}
        seen={{ left: first.left, width: last.left + last.width - first.left }}
      />
    </>
  );
}

const box = ({ left, width }: Piece) => ({ left: percent(left), width: percent(width) });

/** After the bar; before it where there is more room. */
function Duration({ text, seen }: { text: string; seen: Piece }) {
  const right = seen.left + seen.width;
  const side = right > 0.97 && seen.left > 0.15 ? 'left' : 'right';
  return (
    <span className={classes.duration} data-side={side} style={{ left: percent(side === 'left' ? seen.left : right) }}>
      {text}
    </span>
  );
}
