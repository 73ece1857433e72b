import { Button } from '@mantine/core';
import { IconGitCompare, IconHelpCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useParams } from 'wouter';
import { CopyButton } from '../design/CopyButton';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatDuration, formatExact, formatTime } from '../design/formats';
import { useTitle } from '../design/Page';
import { Partial } from '../design/Partial';
import { ServiceName } from '../design/ServiceName';
import { millis, nanos, toMillis } from '../design/units';
import { WaitingBlock, WaitingRows } from '../design/Waiting';
import { useVisit } from '../frame/recent';
import { traceAddress } from '../url/addresses';
import { useUrlState } from '../url/url-state';
import type { TraceHead } from './model/trace-types';
import classes from './TracePage.module.css';
import { TraceView } from './TraceView';
import { traceCodecs } from './trace-state';
import { useTrace } from './use-trace';

/** One trace: what happened, in order, and everything that is known about it. */
export default function TracePage() {
  const { id = '' } = useParams();
  const [attempt, setAttempt] = useState(0);
  const trace = useTrace(id, attempt);
  const root = trace.head?.root;
  const name = root ? readable(`${root.service} ${root.name}`, 120) : trace.head ? 'Trace without a root' : null;
  useTitle(name ?? 'Trace');
  useVisit(name, traceAddress(id));
  if (trace.error && !trace.columns) return <Failure error={trace.error} retry={() => setAttempt(attempt + 1)} />;
  return (
    <div className={classes.page}>
      <Head id={id} head={trace.head} />
      {trace.columns && trace.head && trace.worker ? (
        <TraceView trace={{ ...trace, head: trace.head, columns: trace.columns, worker: trace.worker }} />
      ) : (
        <div className={classes.split}>
          <div className={classes.main}>
            <WaitingRows count={18} />
          </div>
        </div>
      )}
    </div>
  );
}

function Head({ id, head }: { id: string; head: TraceHead | null }) {
  const [state, set] = useUrlState(traceCodecs);
  if (!head)
    return (
      <header className={classes.head}>
        <WaitingBlock height={48} />
      </header>
    );
  return (
    <header className={classes.head}>
      <div className={classes.titles}>
        <h1 className={classes.title}>
          <span className={classes.root} title={readable(head.root?.name ?? '', 1_000)}>
            {head.root ? readable(head.root.name, 300) || '(no name)' : 'Root not received'}
          </span>
          {head.root && (
            <span className={classes.rootService}>
              <ServiceName service={head.root.service} />
            </span>
          )}
          <Partial of={head} />
        </h1>
        <div className={classes.facts}>
          <strong>{formatDuration(nanos(head.durationNano ?? 0))}</strong>
          <span>{head.startUnixNano ? formatTime(toMillis(head.startUnixNano), millis(0), 'millis') : ''}</span>
          <span>{formatExact(head.spanCount)} spans</span>
          {head.errorCount > 0 ? (
            <span className={classes.failed}>{formatExact(head.errorCount)} failed</span>
          ) : (
            <span>no errors</span>
          )}
          {head.orphanCount > 0 && <span>{formatExact(head.orphanCount)} orphans</span>}
          {head.duplicateCount > 0 && <span>{formatExact(head.duplicateCount)} duplicates left out</span>}
          <span className={classes.id}>
            {id}
            <CopyButton text={id} label="Copy trace id" size={22} />
          </span>
        </div>
      </div>
      <div className={classes.actions}>
        <Button component={Link} href={`/compare?a=${id}`} leftSection={<IconGitCompare size={15} />}>
          Compare
        </Button>
        <Button
          leftSection={<IconHelpCircle size={15} />}
          variant={state.panel === 'why' ? 'light' : 'default'}
          aria-pressed={state.panel === 'why'}
          onClick={() => set({ panel: state.panel === 'why' ? '' : 'why', span: '' })}
        >
          Why
        </Button>
      </div>
    </header>
  );
}
