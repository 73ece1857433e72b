import { ActionIcon, TextInput } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../design/Badge';
import { CopyButton } from '../../design/CopyButton';
import { readable } from '../../design/foreign-text';
import { formatDuration, formatRatio, formatTime } from '../../design/formats';
import { ServiceName } from '../../design/ServiceName';
import { millis, nanos, nanosBetween, ratio, toMillis } from '../../design/units';
import { WaitingRows } from '../../design/Waiting';
import { quoted, searchAddress, traceAddress } from '../../url/addresses';
import { RoomLink } from '../../url/RoomLink';
import { Mark, type TraceColumns } from '../model/columns';
import { criticalTime } from '../model/critical-path';
import { shown } from '../model/search';
import type { TraceWorker } from '../model/trace-talk';
import type { SpanDetails, TraceHead } from '../model/trace-types';
import { Attributes } from './Attributes';
import { ClockNote } from './ClockNote';
import classes from './Details.module.css';
import { Incoming } from './Incoming';

type Props = {
  worker: TraceWorker;
  head: TraceHead;
  columns: TraceColumns;
  span: number;
  select(span: number): void;
  close(): void;
};

/** All that is known of one span. */
export function SpanPanel({ worker, head, columns, span, select, close }: Props) {
  const details = useQuery({
    queryKey: ['span', head.traceId, columns.ids[span], columns.count],
    queryFn: () => worker.ask<'details'>({ ask: 'details', span }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
  if (!details.data) return <WaitingRows />;
  const { span: it } = details.data;
  return (
    <div className={classes.panel}>
      <header className={classes.head}>
        <div className={classes.heading}>
          <ServiceName service={it.service} />
          <h2 className={classes.name} title={readable(it.name)}>
            {readable(it.name, 400) || '(no name)'}
          </h2>
        </div>
        <CopyButton text={it.spanId} label="Copy span id" />
        <ActionIcon aria-label="Close details" onClick={close}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <div className={classes.body}>
        <Facts details={details.data} head={head} columns={columns} span={span} select={select} />
        <Sections details={details.data} head={head} />
      </div>
    </div>
  );
}

type FactsProps = { details: SpanDetails; head: TraceHead; columns: TraceColumns; span: number; select(span: number): void };

function Facts({ details: { span: it, resource }, head, columns, span, select }: FactsProps) {
  const parent = columns.parent[span]!;
  const critical = criticalTime(columns.critical, span);
  const marks = columns.marks[span]!;
  const similar = `{ resource.service.name = ${quoted(it.service)} && name = ${quoted(it.name)} }`;
  return (
    <>
      <div className={classes.badges}>
        {it.status === 'error' && <Badge tone="error">failed</Badge>}
        {it.status === 'ok' && <Badge tone="ok">ok</Badge>}
        <Badge>{it.kind}</Badge>
        {(marks & Mark.orphan) !== 0 && (
          <Badge
            tone="warning"
            explain={`It names the parent ${it.parentSpanId}, which was not received: never sent, lost on the way, or still coming. It stands at the top because nobody knows where it belongs.`}
          >
            orphan
          </Badge>
        )}
        {(marks & Mark.cycle) !== 0 && (
          <Badge
            tone="warning"
            explain="Its ancestors lead back to itself, which cannot be. It is shown at the place where the circle was cut."
          >
            cycle
          </Badge>
        )}
        {(marks & Mark.sharedId) !== 0 && (
          <Badge
            tone="warning"
            explain="Another span of this trace has the same id: one side of a Zipkin pair, or an SDK that makes ids badly."
          >
            shared id
          </Badge>
        )}
        {(marks & Mark.quarantined) !== 0 && (
          <Badge
            tone="warning"
            explain="Its times lie too far in the past or the future to be right. It is shown with the times it carries."
          >
            quarantined
          </Badge>
        )}
        {(marks & Mark.dropped) !== 0 && (
          <Badge
            tone="warning"
            explain={`The sender's SDK left out ${it.droppedAttributes ?? 0} attributes, ${it.droppedEvents ?? 0} events and ${it.droppedLinks ?? 0} links: its limits were reached.`}
          >
            cut by the SDK
          </Badge>
        )}
      </div>
      {it.statusMessage && <p className={classes.message}>{readable(it.statusMessage, 4_000)}</p>}
      <div className={classes.figures}>
        <Figure label="Duration" value={formatDuration(nanos(it.durationNano))} />
        <Figure label="Own time" value={formatDuration(nanos(columns.self[span]!))} />
        <Figure
          label="Critical"
          value={critical > 0 ? formatRatio(ratio(Math.min(1, critical / Math.max(1, head.durationNano ?? 1)))) : '–'}
        />
        <Figure label="Began" value={`+${formatDuration(nanosBetween(head.startUnixNano ?? '0', it.startUnixNano))}`} />
      </div>
      <p className={classes.when}>{formatTime(toMillis(it.startUnixNano), millis(0), 'millis')}</p>
      {resource?.clockSkew && <ClockNote skew={resource.clockSkew} service={it.service} />}
      <div className={classes.ways}>
        {parent >= 0 && (
          <button type="button" className={classes.way} onClick={() => select(parent)}>
            Parent
          </button>
        )}
        <RoomLink className={classes.way} to={searchAddress(similar)}>
          Find similar
        </RoomLink>
        {it.status === 'error' && (
          <RoomLink className={classes.way} to={searchAddress(similar.replace(' }', ' && status = error }'))}>
            Other failures
          </RoomLink>
        )}
        <RoomLink
          className={classes.way}
          to={searchAddress(similar.replace(' }', ` && duration >= ${Math.max(1, Math.round(it.durationNano / 1e6))}ms }`))}
        >
          As slow or slower
        </RoomLink>
      </div>
    </>
  );
}

const Figure = ({ label, value }: { label: string; value: string }) => (
  <div>
    <span className={classes.label}>{label}</span>
    <span className={classes.value}>{value}</span>
  </div>
);

function Sections({ details, head }: { details: SpanDetails; head: TraceHead }) {
  const { span: it, resource, scope, logs } = details;
  const [filter, setFilter] = useState('');
  const offset = (time: string) => `+${formatDuration(nanosBetween(it.startUnixNano, time))}`;
  return (
    <>
      <div className={classes.filter}>
        <TextInput
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          placeholder="Filter attributes"
          aria-label="Filter attributes"
          leftSection={<IconFilter size={14} />}
        />
      </div>
      <Section title="Attributes" count={Object.keys(it.attributes ?? {}).length}>
        <Attributes scope="span" attributes={it.attributes} filter={filter} />
      </Section>
      {(it.events?.length ?? 0) > 0 && (
        <Section title="Events" count={it.events!.length}>
          {it.events!.slice(0, 200).map((event, i) => (
            <div key={i} className={classes.item} data-tone={event.name === 'exception' ? 'error' : undefined}>
              <div className={classes.itemHead}>
                <strong>{readable(event.name, 200)}</strong>
                <span>{offset(event.timeUnixNano)}</span>
              </div>
              <EventBody attributes={event.attributes} />
            </div>
          ))}
        </Section>
      )}
      {logs.length > 0 && (
        <Section title="Logs" count={logs.length}>
          {logs.slice(0, 200).map((log, i) => (
            <div
              key={i}
              className={classes.item}
              data-tone={log.severity >= 17 ? 'error' : log.severity >= 13 ? 'warning' : undefined}
            >
              <div className={classes.itemHead}>
                <span>{readable(log.severityText || `severity ${log.severity}`, 40)}</span>
                <span>{offset(log.timeUnixNano)}</span>
              </div>
              <p className={classes.body}>{readable(shown(log.body), 4_000)}</p>
            </div>
          ))}
        </Section>
      )}
      {(it.links?.length ?? 0) > 0 && (
        <Section title="Links to" count={it.links!.length}>
          {it.links!.slice(0, 100).map((link, i) => (
            <div key={i} className={classes.item}>
              <div className={classes.itemHead}>
                <RoomLink className={classes.link} to={traceAddress(link.traceId, { span: link.spanId })}>
                  {link.traceId === head.traceId ? 'In this trace' : 'Trace'} {link.traceId.slice(0, 12)}… span {link.spanId}
                </RoomLink>
              </div>
              {Object.keys(link.attributes).length > 0 && <Attributes scope="link" attributes={link.attributes} />}
            </div>
          ))}
        </Section>
      )}
      <Incoming traceId={head.traceId} spanId={it.spanId} />
      <Section title="Resource" count={Object.keys(resource?.attributes ?? {}).length} closed>
        <Attributes scope="resource" attributes={resource?.attributes} filter={filter} />
      </Section>
      <Section title={`Scope ${readable(scope?.name ?? '', 80)} ${readable(scope?.version ?? '', 20)}`} closed>
        <Attributes scope="instrumentation" attributes={scope?.attributes} filter={filter} />
      </Section>
      <Section title="JSON" closed>
        <pre className={classes.json}>{readable(JSON.stringify(it, null, 2), 100_000)}</pre>
      </Section>
    </>
  );
}

function EventBody({ attributes }: { attributes: Record<string, unknown> }) {
  const { 'exception.stacktrace': stack, 'exception.message': message, 'exception.type': type, ...rest } = attributes;
  return (
    <>
      {(type || message) !== undefined && (
        <p className={classes.body}>
          {type !== undefined && <strong>{readable(shown(type), 300)}</strong>}{' '}
          {message !== undefined && readable(shown(message), 4_000)}
        </p>
      )}
      {stack !== undefined && <pre className={classes.stack}>{readable(shown(stack), 20_000)}</pre>}
      {Object.keys(rest).length > 0 && <Attributes scope="event" attributes={rest} />}
    </>
  );
}

export function Section({
  title,
  count,
  closed = false,
  children,
}: {
  title: string;
  count?: number;
  closed?: boolean;
  children: ReactNode;
}) {
  return (
    <details className={classes.section} open={!closed}>
      <summary>
        {title}
        {count !== undefined && <span className={classes.count}>{count}</span>}
      </summary>
      {children}
    </details>
  );
}
