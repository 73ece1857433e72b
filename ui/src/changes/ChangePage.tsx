import { useMemo } from 'react';
import { useParams } from 'wouter';
import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { RequestCharts } from '../charts/RequestCharts';
import type { Moment } from '../charts/TimeChart';
import { Ago } from '../design/Ago';
import { Facts } from '../design/Facts';
import { Failure } from '../design/Failure';
import { readable, safeLink } from '../design/foreign-text';
import { formatOwner } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { ServiceName } from '../design/ServiceName';
import { millis, toMillis } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import { useVisit } from '../frame/recent';
import { writePoint } from '../time/range';
import { useTimeRange } from '../time/TimeContext';
import { address, changeAddress, quoted, searchAddress, traceAddress, whyAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Change.module.css';
import { ChangeKind, titleOf } from './ChangeKind';
import { EffectBadge, EffectTable } from './Effect';
import { momentOf } from './moments';
import { VersionVerdict } from './VersionVerdict';

type Change = Schemas['Change'];
type Times = { since: ReturnType<typeof millis>; until: ReturnType<typeof millis> };

/** One change: what it did to its service, what it was, who did it. */
export default function ChangePage() {
  const { id = '' } = useParams();
  const answer = useApi('/api/changes/{id}', { id }, { keep: false });
  useVisit(answer.data ? titleOf(answer.data) : null, changeAddress(id));
  if (answer.isError) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <WaitingBlock height={320} />;
  const change = answer.data;
  return (
    <Page title={readable(titleOf(change), 160)} lead={<ChangeKind change={change} />}>
      {change.service && <Effect change={change} service={change.service} />}
      <Panel title="What and who">
        <About change={change} />
      </Panel>
      {(change.diff?.length || change.before || change.after) && (
        <Panel title="What was changed" note={change.diffTruncated ? 'cut: there is more' : undefined} flush>
          <Difference change={change} />
        </Panel>
      )}
      {change.evidence && change.evidence.length > 0 && (
        <Panel title="How it was noticed">
          {change.evidence.map((one) => (
            <p key={one}>{readable(one, 1_000)}</p>
          ))}
        </Panel>
      )}
    </Page>
  );
}

/** Before and after, in figures and over time, with every change of the service in that time. */
function Effect({ change, service }: { change: Change; service: string }) {
  const range = useTimeRange();
  const effect = useApi('/api/changes/{id}/effect', { id: change.id }, { keep: false });
  const since = effect.data?.beforeSinceUnixNano;
  const until = effect.data?.afterUntilUnixNano;
  // The minutes after it are shown as they come.
  const times = useMemo((): Times | null => {
    if (!since || !until) return null;
    const begin = toMillis(since);
    const length = toMillis(change.startedUnixNano ?? since) - begin;
    return { since: begin, until: millis(Math.min(Math.max(toMillis(until), begin + 2 * length), range.now)) };
  }, [since, until, change, range.now]);
  const others = useApi(
    '/api/changes',
    { service, since: since ?? '', until: until ?? '', limit: 50 },
    { enabled: since !== undefined && since !== until, keep: false },
  );
  const moments = useMemo(
    (): Moment[] => [momentOf(change), ...(others.data?.changes ?? []).filter((one) => one.id !== change.id).map(momentOf)],
    [change, others.data],
  );
  return (
    <>
      <Panel
        title="Before and after"
        flush
        note={effect.data && <EffectBadge effect={effect.data} />}
        actions={
          times && (
            <RoomLink
              to={address('/causes', {
                since: writePoint(toMillis(change.startedUnixNano ?? since ?? '0')),
                until: writePoint(times.until),
              })}
              className={classes.action}
            >
              What else got worse
            </RoomLink>
          )
        }
      >
        {effect.isError ? (
          <Failure error={effect.error} retry={() => void effect.refetch()} />
        ) : effect.data ? (
          <>
            <EffectTable effect={effect.data} />
            {effect.data.reasons.length > 0 && <p className={classes.reasons}>{readable(effect.data.reasons.join(' '), 600)}</p>}
            {moments.length > 1 && (
              <p className={classes.reasons}>
                {moments.length === 2 ? 'Another change' : `${moments.length - 1} other changes`} of {readable(service, 60)} in
                this time: <Others moments={moments.slice(1)} />
              </p>
            )}
          </>
        ) : (
          <WaitingBlock height={110} />
        )}
      </Panel>
      {times && times.until > times.since && <RequestCharts service={service} times={times} moments={moments} />}
      {times && change.version && <VersionVerdict change={change} times={times} />}
    </>
  );
}

const othersShown = 5;

function Others({ moments }: { moments: readonly Moment[] }) {
  return (
    <>
      {moments.slice(0, othersShown).map((one, i) => (
        <span key={one.to}>
          {i > 0 && ', '}
          <RoomLink to={one.to ?? ''}>{readable(one.label, 100)}</RoomLink>
        </span>
      ))}
      {moments.length > othersShown && ` and ${moments.length - othersShown} more`}
    </>
  );
}

function About({ change }: { change: Change }) {
  const range = useTimeRange();
  return (
    <Facts
      of={[
        ['Service', change.service && <ServiceName service={change.service} />],
        ['Subject', change.subject],
        ['Environment', change.environment],
        ['Version', [change.previousVersion, change.version].filter(Boolean).join(' → ')],
        ['Commit', <Linked key="commit" text={change.commit} url={change.compareUrl ?? change.commitUrl} />],
        ['Pipeline', <Linked key="pipeline" text={change.pipeline?.run ?? change.pipeline?.name} url={change.pipeline?.url} />],
        ['By', change.author],
        ['Owner', change.owner && formatOwner(change.owner)],
        ['Started', change.startedUnixNano && <Ago time={toMillis(change.startedUnixNano)} now={range.now} />],
        ['Finished', change.finishedUnixNano && <Ago time={toMillis(change.finishedUnixNano)} now={range.now} />],
        ['Outcome', change.outcome],
        ['Reported by', change.source],
        [
          'Its traces',
          change.service && change.version && (
            <RoomLink
              to={searchAddress(
                `{ resource.service.name = ${quoted(change.service)} && resource.service.version = ${quoted(change.version)} }`,
              )}
            >
              spans of this version
            </RoomLink>
          ),
        ],
        ['Trace', change.traceId && <RoomLink to={traceAddress(change.traceId)}>{change.traceId}</RoomLink>],
        [
          'What it hit',
          <RoomLink key="why" to={whyAddress(change.id)}>
            ask why
          </RoomLink>,
        ],
        ...(change.links ?? []).map(
          (link, i) => [link.title || `Link ${i + 1}`, <Linked key={link.url} text={link.url} url={link.url} />] as const,
        ),
      ]}
    />
  );
}

function Linked({ text, url }: { text?: string | null | undefined; url?: string | null | undefined }) {
  if (!text) return null;
  const href = url ? safeLink(url) : null;
  return href ? (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {readable(text, 80)}
    </a>
  ) : (
    <span>{readable(text, 80)}</span>
  );
}

function Difference({ change }: { change: Change }) {
  if (!change.diff?.length)
    return (
      <div className={classes.pair}>
        <pre>{readable(change.before ?? '', 10_000)}</pre>
        <pre>{readable(change.after ?? '', 10_000)}</pre>
      </div>
    );
  return (
    <table className={classes.diff}>
      <tbody>
        {change.diff.map((one, i) => (
          <tr key={i}>
            <td>{readable(one.path ?? '', 200)}</td>
            <td data-side="before">{readable(one.before ?? '', 2_000)}</td>
            <td data-side="after">{readable(one.after ?? '', 2_000)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
