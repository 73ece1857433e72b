import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Command, Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { ForeignText } from '../design/ForeignText';
import { readable } from '../design/foreign-text';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { ServiceName } from '../design/ServiceName';
import { type Column, Table } from '../design/Table';
import { type Millis, toMillis } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress } from '../url/addresses';
import { text, useUrlState } from '../url/url-state';
import { ChangeKind, titleOf } from './ChangeKind';
import { ChangeLanes } from './ChangeLanes';
import { type ChangeEffect, EffectBadge, EffectLine } from './Effect';

type Change = Schemas['Change'];

const codecs = { service: text(), kind: text(), environment: text() };
const shown = 200;
const none: readonly Change[] = [];

/** Who changed what, where and when, and what became of it. */
export default function ChangesPage() {
  const range = useTimeRange();
  const [filter, set] = useUrlState(codecs);
  const times = { since: range.sinceUnixNano, until: range.untilUnixNano, limit: shown };
  const all = useApi('/api/changes', times);
  const answer = useApi('/api/changes', { ...times, ...filter });
  const effects = useApi('/api/changes/effects', { ...times, ...filter }, { enabled: (answer.data?.changes.length ?? 0) > 0 });
  const byChange = useMemo(() => new Map(effects.data?.effects.map((one) => [one.change, one])), [effects.data]);
  const changes = answer.data?.changes ?? none;
  const filtered = filter.service !== '' || filter.kind !== '' || filter.environment !== '';
  return (
    <Page
      title="Changes"
      lead={
        <>
          <Narrow
            label="Service"
            value={filter.service}
            of={all.data?.changes.map((one) => one.service)}
            set={(service) => set({ service })}
          />{' '}
          <Narrow label="Kind" value={filter.kind} of={all.data?.changes.map((one) => one.kind)} set={(kind) => set({ kind })} />{' '}
          <Narrow
            label="Environment"
            value={filter.environment}
            of={all.data?.changes.map((one) => one.environment)}
            set={(environment) => set({ environment })}
          />
        </>
      }
      actions={<Partial of={answer.data?.status === 'partial' ? answer.data : undefined} />}
    >
      {changes.length > 0 && <ChangeLanes changes={changes} effects={byChange} />}
      <Panel flush>
        {answer.isPending ? (
          <WaitingRows count={8} />
        ) : answer.isError && !answer.data ? (
          <Failure error={answer.error} retry={() => void answer.refetch()} />
        ) : changes.length === 0 && filtered ? (
          <Empty title="No such change in this time">Take a filter away, or widen the time.</Empty>
        ) : changes.length === 0 ? (
          <NoChanges />
        ) : (
          <Table
            label="Changes"
            columns={columns(range.now, byChange, effects.isPending)}
            rows={changes}
            id={(change) => change.id}
            to={(change) => changeAddress(change.id)}
          />
        )}
      </Panel>
      {answer.data?.nextCursor && <p>The newest {shown} are shown: narrow the time or choose a service to see others.</p>}
    </Page>
  );
}

type NarrowProps = {
  label: string;
  value: string;
  of: readonly (string | null | undefined)[] | undefined;
  set(value: string): void;
};

/** A choice among what there is. */
function Narrow({ label, value, of = [], set }: NarrowProps) {
  const there = [...new Set([...of.filter((one): one is string => Boolean(one)), ...(value ? [value] : [])])].sort();
  return (
    <Select
      aria-label={label}
      placeholder={`Any ${label.toLowerCase()}`}
      data={there.map((one) => ({ value: one, label: readable(one.replace('_', ' '), 60) }))}
      value={value || null}
      onChange={(next) => set(next ?? '')}
      clearable
      searchable={there.length > 8}
      display="inline-block"
      w={150}
    />
  );
}

function NoChanges() {
  return (
    <Empty title="Nothing is known to have changed in this time" action={<Command text="waybill deploy my-service 1.4.1" />}>
      New versions, restarts and switched flags are noticed by themselves. Pipelines, migrations and secrets report with one
      command or one request; GitHub, GitLab, Argo CD and CDEvents by their hooks.
    </Empty>
  );
}

const columns = (now: Millis, effects: ReadonlyMap<string, ChangeEffect>, pending: boolean): Column<Change>[] => [
  {
    title: 'Change',
    cell: (change) => <ForeignText text={[titleOf(change), change.author && `by ${change.author}`].filter(Boolean).join(', ')} />,
  },
  {
    title: 'Kind',
    width: 168,
    cell: (change) => (
      <>
        <ChangeKind change={change} /> {change.outcome === 'failure' && <Badge tone="error">failed</Badge>}
      </>
    ),
  },
  { title: 'Service', width: 120, cell: (change) => change.service && <ServiceName service={change.service} /> },
  {
    title: 'Effect',
    width: 98,
    cell: (change) => {
      const effect = effects.get(change.id);
      if (effect) return effect.verdict === 'unknown' ? null : <EffectBadge effect={effect} />;
      return pending && change.service ? '…' : null;
    },
  },
  {
    title: 'Failed, 95 % within',
    width: 244,
    cell: (change) => {
      const effect = effects.get(change.id);
      return effect && <EffectLine effect={effect} />;
    },
  },
  {
    title: 'When',
    width: 96,
    align: 'right',
    cell: (change) => <Ago time={toMillis(change.startedUnixNano ?? change.receivedUnixNano)} now={now} />,
  },
];
