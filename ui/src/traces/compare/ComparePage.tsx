import { Button, Switch, TextInput } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { type FormEvent, useMemo, useState } from 'react';
import { useApi } from '../../api/client';
import { Ago } from '../../design/Ago';
import { Empty } from '../../design/Empty';
import { Failure } from '../../design/Failure';
import { readable } from '../../design/foreign-text';
import { formatDuration, formatExact } from '../../design/formats';
import { Page } from '../../design/Page';
import { Panel } from '../../design/Panel';
import { ServiceName } from '../../design/ServiceName';
import { nanos, toMillis } from '../../design/units';
import { WaitingRows } from '../../design/Waiting';
import { useTimeRange } from '../../time/TimeContext';
import { traceAddress } from '../../url/addresses';
import { RoomLink } from '../../url/RoomLink';
import { flag, text, useUrlState } from '../../url/url-state';
import type { LoadedTrace } from '../use-trace';
import { useTrace } from '../use-trace';
import classes from './Compare.module.css';
import { compareTraces, type DifferenceRow, type Side } from './difference';

const codecs = { a: text(), b: text(), all: flag };

/** Two traces as one tree: what took longer, what was called more often, what only one of them did. */
export default function ComparePage() {
  const [state, set] = useUrlState(codecs);
  return (
    <Page
      title="Compare two traces"
      actions={
        state.a &&
        state.b && (
          <>
            <Button leftSection={<IconArrowsExchange size={15} />} onClick={() => set({ a: state.b, b: state.a })}>
              Swap
            </Button>
            <Switch
              label="Also what hardly differs"
              checked={state.all}
              onChange={(event) => set({ all: event.currentTarget.checked })}
            />
          </>
        )
      }
    >
      {state.a && state.b ? (
        <Comparison a={state.a} b={state.b} all={state.all} />
      ) : (
        <ChooseOther a={state.a} choose={(b) => set(state.a ? { b } : { a: b }, { push: true })} />
      )}
    </Page>
  );
}

function Comparison({ a, b, all }: { a: string; b: string; all: boolean }) {
  const left = useTrace(a);
  const right = useTrace(b);
  const rows = useMemo(
    () => (left.done && right.done && left.columns && right.columns ? compareTraces(left.columns, right.columns) : null),
    [left, right],
  );
  const error = left.error ?? right.error;
  if (error) return <Failure error={error} />;
  if (!rows) return <WaitingRows count={14} />;
  const longest = Math.max(left.head?.durationNano ?? 0, right.head?.durationNano ?? 0, 1);
  const shown = all ? rows : rows.filter((row) => differs(row, longest));
  return (
    <Panel flush>
      <div className={classes.table} role="table" aria-label="Differences">
        <div className={classes.heads} role="row">
          <span role="columnheader">Call</span>
          <TraceHead name="A" id={a} trace={left} />
          <TraceHead name="B" id={b} trace={right} />
          <span role="columnheader" className={classes.right}>
            Own time B − A
          </span>
        </div>
        {shown.length === 0 && (
          <Empty title="They hardly differ">Every call took about the same time and happened equally often.</Empty>
        )}
        {shown.slice(0, 2_000).map((row) => (
          <Row key={row.path} row={row} a={a} b={b} left={left} right={right} longest={longest} />
        ))}
      </div>
    </Panel>
  );
}

/** A hundredth of the longer trace, another number of calls, or another outcome. */
function differs({ a, b, delta }: DifferenceRow, longest: number): boolean {
  return !a || !b || a.count !== b.count || a.errors !== b.errors || Math.abs(delta) > longest / 100;
}

function TraceHead({ name, id, trace }: { name: string; id: string; trace: LoadedTrace }) {
  return (
    <span role="columnheader">
      <RoomLink to={traceAddress(id)} className={classes.link}>
        {name}: {readable(trace.head?.root?.name ?? id, 60)}
      </RoomLink>{' '}
      {formatDuration(nanos(trace.head?.durationNano ?? 0))}
    </span>
  );
}

type RowProps = { row: DifferenceRow; a: string; b: string; left: LoadedTrace; right: LoadedTrace; longest: number };

function Row({ row, a, b, left, right, longest }: RowProps) {
  const only = !row.a ? 'only in B' : !row.b ? 'only in A' : null;
  return (
    <div className={classes.row} role="row">
      <span role="cell" className={classes.call} style={{ paddingLeft: Math.min(row.depth, 16) * 14 }}>
        <ServiceName service={row.service} />
        <span className={classes.name} title={readable(row.name, 500)}>
          {readable(row.name, 200)}
        </span>
        {only && <span className={classes.only}>{only}</span>}
      </span>
      <Cell side={row.a} trace={a} ids={left.columns?.ids} longest={longest} />
      <Cell side={row.b} trace={b} ids={right.columns?.ids} longest={longest} />
      <span
        role="cell"
        className={classes.right}
        data-slower={row.delta > longest / 100}
        data-faster={row.delta < -longest / 100}
      >
        {row.delta > 0 ? '+' : ''}
        {formatDuration(nanos(row.delta))}
      </span>
    </div>
  );
}

function Cell({ side, trace, ids, longest }: { side: Side; trace: string; ids: readonly string[] | undefined; longest: number }) {
  if (!side) return <span role="cell" className={classes.absent} />;
  return (
    <RoomLink role="cell" className={classes.cell} to={traceAddress(trace, { span: ids?.[side.example] ?? '' })}>
      <span className={classes.bar} style={{ width: `${Math.min(1, side.self / longest) * 100}%` }} />
      <span className={classes.figure}>
        {formatDuration(nanos(side.self))} own{side.count > 1 && `, ×${formatExact(side.count)}`}
        {side.errors > 0 && <span className={classes.failed}>, {formatExact(side.errors)} failed</span>}
      </span>
    </RoomLink>
  );
}

/** The other one: by its id, or one of the same operation. */
function ChooseOther({ a, choose }: { a: string; choose(id: string): void }) {
  const [typed, setTyped] = useState('');
  const range = useTimeRange();
  const first = useTrace(a);
  const root = a ? first.head?.root : undefined;
  const similar = useApi(
    '/api/traces',
    { service: root?.service, operation: root?.name, since: range.sinceUnixNano, until: range.untilUnixNano, limit: 30 },
    { enabled: root !== undefined && root !== null },
  );
  const id = /^[0-9a-f]{32}$/i.exec(typed.trim())?.[0].toLowerCase();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (id) choose(id);
  };
  const others = (similar.data?.traces ?? [])
    .filter((trace) => trace.traceId !== a)
    .sort((one, other) => one.durationNano - other.durationNano);
  return (
    <Panel title={a ? 'With which one?' : 'Which ones?'}>
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label="Trace id"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          placeholder="32 hexadecimal digits"
          className={classes.input!}
        />
        <Button type="submit" variant="filled" disabled={!id}>
          {a ? 'Compare' : 'First trace'}
        </Button>
      </form>
      {first.error && <Failure error={first.error} />}
      {similar.isError && <Failure error={similar.error} retry={() => void similar.refetch()} />}
      {others.length > 0 && (
        <>
          <p className={classes.note}>Others of {readable(root?.name ?? '', 100)}, fastest first:</p>
          {others.map((trace) => (
            <button type="button" key={trace.traceId} className={classes.other} onClick={() => choose(trace.traceId)}>
              <strong>{formatDuration(nanos(trace.durationNano))}</strong>
              <span>{formatExact(trace.spanCount)} spans</span>
              {trace.errorCount > 0 ? <span className={classes.failed}>{formatExact(trace.errorCount)} failed</span> : <span />}
              <Ago time={toMillis(trace.startUnixNano)} now={range.now} />
              <code>{trace.traceId}</code>
            </button>
          ))}
        </>
      )}
    </Panel>
  );
}
