import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconFilter, IconFilterOff, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useApi } from '../api/client';
import { CopyButton } from '../design/CopyButton';
import { Facts } from '../design/Facts';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatTime } from '../design/formats';
import { ServiceName } from '../design/ServiceName';
import { millis, toMillis } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { shown } from '../traces/model/search';
import { traceAddress, whyAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Logs.module.css';
import { attributeField, literal, severityName, severityTone } from './logs-state';
import { type Line, linesOf } from './use-logs';

export type Narrow = (field: string, operator: '=' | '!=', value: string) => void;

type Props = {
  id: string;
  narrow: Narrow;
  columns: readonly string[];
  toggleColumn(name: string): void;
  choose(id: string): void;
  close(): void;
};

/** One record: what it says, where it came from, and the lines around it. */
export function LogPanel({ id, narrow, columns, toggleColumn, choose, close }: Props) {
  const [within, setWithin] = useState('resource');
  const around = useApi('/api/logs/context', { id, before: 20, after: 20, within });
  const lines = around.data ? linesOf(around.data) : [];
  const line = lines[around.data?.position ?? -1];
  return (
    <aside className={classes.panel} aria-label="Log record">
      <header className={classes.panelHead}>
        <h2>Record</h2>
        {line && (
          <>
            <CopyButton text={shown(line.body)} label="Copy the text" />
            <CopyButton text={JSON.stringify(line, null, 2)} label="Copy as JSON" />
          </>
        )}
        <ActionIcon aria-label="Close" className={classes.right!} onClick={close}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      {around.isPending && <WaitingRows />}
      {around.isError && <Failure error={around.error} retry={() => void around.refetch()} />}
      {line && (
        <div className={classes.panelBody}>
          <pre className={classes.wholeBody}>{readable(shown(line.body), 20_000)}</pre>
          {line.traceId && (
            <div className={classes.jumps}>
              <Button
                component={RoomLink}
                variant="filled"
                to={traceAddress(line.traceId, line.spanId ? { span: line.spanId } : {})}
              >
                Open its trace
              </Button>
              <Button component={RoomLink} to={whyAddress(line.traceId)}>
                Why?
              </Button>
              <Button onClick={() => narrow('trace:id', '=', `"${line.traceId}"`)}>Only this trace</Button>
            </div>
          )}
          <Facts
            of={[
              ['Time', formatTime(toMillis(line.timeUnixNano), millis(0), 'millis')],
              ['Severity', `${severityName(line.severity)}${line.severityText ? ` (${readable(line.severityText, 40)})` : ''}`],
              ['Service', <ServiceName key="service" service={line.service} />],
              ['Event', line.eventName],
              ['Dropped', line.droppedAttributes ? `${line.droppedAttributes} attributes by the sender` : undefined],
            ]}
          />
          <Values title="Attributes" scope="log" of={line.attributes} {...{ narrow, columns, toggleColumn }} />
          <Values title="Resource" scope="resource" of={line.origin} {...{ narrow, columns, toggleColumn }} />
          <div className={classes.aroundHead}>
            <h3>Lines around it</h3>
            <SegmentedControl
              aria-label="Lines of"
              value={within}
              onChange={setWithin}
              data={[
                { value: 'resource', label: 'Process' },
                { value: 'service', label: 'Service' },
                { value: 'trace', label: 'Trace', disabled: !line.traceId },
              ]}
            />
          </div>
          <ol className={classes.around}>
            {lines.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  aria-current={one.id === line.id}
                  data-tone={severityTone(severityName(one.severity))}
                  onClick={() => choose(one.id)}
                >
                  <span className={classes.time}>
                    {formatTime(toMillis(one.timeUnixNano), toMillis(one.timeUnixNano), 'millis')}
                  </span>
                  <span className={classes.body}>{readable(shown(one.body), 300)}</span>
                </button>
              </li>
            ))}
          </ol>
        </div>
      )}
    </aside>
  );
}

type ValuesProps = Pick<Props, 'narrow' | 'columns' | 'toggleColumn'> & {
  title: string;
  scope: 'log' | 'resource';
  of: Line['attributes'];
};

function Values({ title, scope, of, narrow, columns, toggleColumn }: ValuesProps) {
  const entries = Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return null;
  return (
    <details open={scope === 'log'}>
      <summary>
        {title} <span className={classes.soft}>{entries.length}</span>
      </summary>
      <dl className={classes.values}>
        {entries.map(([name, value]) => {
          const written = literal(value);
          const label = readable(name, 100);
          return (
            <div key={name}>
              <dt title={label}>
                <button
                  type="button"
                  aria-pressed={columns.includes(name)}
                  title={columns.includes(name) ? 'Take the column away' : 'Show as a column'}
                  onClick={() => toggleColumn(name)}
                >
                  {label}
                </button>
              </dt>
              <dd>{readable(shown(value), 600)}</dd>
              {written !== null && (
                <span className={classes.valueActions}>
                  <ActionIcon
                    size={20}
                    aria-label={`Only this ${label}`}
                    title="Only these"
                    onClick={() => narrow(attributeField(scope, name), '=', written)}
                  >
                    <IconFilter size={13} />
                  </ActionIcon>
                  <ActionIcon
                    size={20}
                    aria-label={`Without this ${label}`}
                    title="Without these"
                    onClick={() => narrow(attributeField(scope, name), '!=', written)}
                  >
                    <IconFilterOff size={13} />
                  </ActionIcon>
                </span>
              )}
            </div>
          );
        })}
      </dl>
    </details>
  );
}
