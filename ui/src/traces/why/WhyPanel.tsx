import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useApi } from '../../api/client';
import type { Problem } from '../../api/problem';
import { Ago } from '../../design/Ago';
import { Badge } from '../../design/Badge';
import { readable } from '../../design/foreign-text';
import { formatCount } from '../../design/formats';
import { ServiceName } from '../../design/ServiceName';
import { addNanos, nanos, toMillis } from '../../design/units';
import { WaitingRows } from '../../design/Waiting';
import { changeAddress } from '../../url/addresses';
import { RoomLink } from '../../url/RoomLink';
import details from '../details/Details.module.css';
import type { TraceColumns } from '../model/columns';
import type { TraceHead } from '../model/trace-types';
import { Story } from './Story';
import classes from './Why.module.css';
import type { CauseReport, TraceFlag, WhyAnswer } from './why-types';

type Props = { head: TraceHead; columns: TraceColumns; select(span: number): void; close(): void };

const day = nanos(-86_400e9);
const changesShown = 8;

/** The story of the trace: what led to it, what was changed before it, which flags were on, who is suspected. */
export function WhyPanel({ head, columns, select, close }: Props) {
  const story = useApi<WhyAnswer>('/api/why/{id}', { id: head.traceId }, { keep: false });
  return (
    <div className={details.panel}>
      <header className={details.head}>
        <div className={details.heading}>
          <h2 className={details.name}>Why?</h2>
        </div>
        <ActionIcon aria-label="Close" onClick={close}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <div className={details.body}>
        <Part answer={story} without="This server cannot tell the story yet.">
          {(why) => <Story answer={why.answer} steps={why.steps} />}
        </Part>
        <Suspects traceId={head.traceId} />
        <Flags traceId={head.traceId} columns={columns} select={select} />
        <Changes head={head} columns={columns} />
      </div>
    </div>
  );
}

function Part<T>({
  answer,
  without,
  children,
}: {
  answer: UseQueryResult<T, Problem>;
  without: string;
  children(data: T): ReactNode;
}) {
  if (answer.isPending) return <WaitingRows count={3} />;
  if (answer.isError) return <p className={classes.soft}>{answer.error.isMissingEndpoint ? without : answer.error.message}</p>;
  return children(answer.data);
}

function Suspects({ traceId }: { traceId: string }) {
  const [asked, setAsked] = useState(false);
  const report = useApi<CauseReport>('/api/causes', { trace: traceId }, { enabled: asked, keep: false });
  return (
    <section className={classes.part}>
      <h3>What is different from others</h3>
      {!asked && (
        <>
          <p className={classes.soft}>Compares this trace with others of the same operation, service by service.</p>
          <Button onClick={() => setAsked(true)}>Compare with others</Button>
        </>
      )}
      {asked && (
        <Part answer={report} without="This server cannot compare traces yet.">
          {({ suspects }) =>
            suspects.length === 0 ? (
              <p className={classes.soft}>Nothing stands out: it took its time where others take theirs.</p>
            ) : (
              suspects.map((suspect) => (
                <div key={suspect.sentence} className={classes.suspect}>
                  <div className={classes.score} style={{ width: `${suspect.score * 100}%` }} />
                  <Badge tone="warning">{suspect.fault.replace('_', ' ')}</Badge> {readable(suspect.sentence, 1_000)}
                </div>
              ))
            )
          }
        </Part>
      )}
    </section>
  );
}

function Flags({ traceId, columns, select }: { traceId: string; columns: TraceColumns; select(span: number): void }) {
  const flags = useApi<{ flags: TraceFlag[] }>('/api/traces/{id}/flags', { id: traceId }, { keep: false });
  return (
    <section className={classes.part}>
      <h3>Feature flags in force</h3>
      <Part answer={flags} without="This server does not follow flags yet.">
        {(data) =>
          data.flags.length === 0 ? (
            <p className={classes.soft}>None was evaluated in this trace.</p>
          ) : (
            data.flags.map((flag) => (
              <button
                type="button"
                key={`${flag.key}${flag.spanId}`}
                className={classes.line}
                onClick={() => select(columns.ids.indexOf(flag.spanId))}
              >
                <Badge tone="flag">
                  {readable(flag.key, 80)} = {readable(flag.value, 60)}
                </Badge>
                <span className={classes.soft}>
                  {formatCount(flag.inheritingSpanCount)} spans
                  {flag.inheritingErrorCount > 0 && (
                    <span className={classes.failed}>, {formatCount(flag.inheritingErrorCount)} failed</span>
                  )}
                </span>
              </button>
            ))
          )
        }
      </Part>
    </section>
  );
}

function Changes({ head, columns }: { head: TraceHead; columns: TraceColumns }) {
  const start = head.startUnixNano ?? '0';
  const until = addNanos(start, nanos(head.durationNano ?? 0));
  const changes = useApi('/api/changes', { since: addNanos(start, day), until, limit: 200 }, { keep: false });
  return (
    <section className={classes.part}>
      <h3>Changed in the day before</h3>
      <Part answer={changes} without="This server does not record changes yet.">
        {(data) => {
          const near = data.changes
            .filter((change) => !change.service || columns.services.includes(change.service))
            .slice(0, changesShown);
          if (near.length === 0) return <p className={classes.soft}>Nothing is known to have changed in these services.</p>;
          return near.map((change) => (
            <RoomLink key={change.id} to={changeAddress(change.id)} className={classes.line}>
              <Badge tone="change">{change.kind.replace('_', ' ')}</Badge>
              <span className={classes.summary}>
                {readable(change.summary || change.version || change.subject || change.id, 200)}
              </span>
              {change.service && <ServiceName service={change.service} />}
              <span className={classes.soft}>
                <Ago time={toMillis(change.startedUnixNano ?? change.receivedUnixNano)} now={toMillis(start)} />
              </span>
            </RoomLink>
          ));
        }}
      </Part>
    </section>
  );
}
