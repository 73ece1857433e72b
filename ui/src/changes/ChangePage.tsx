import { useParams } from 'wouter';
import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Facts } from '../design/Facts';
import { Failure } from '../design/Failure';
import { readable, safeLink } from '../design/foreign-text';
import { formatOwner } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { ServiceName } from '../design/ServiceName';
import { toMillis } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { quoted, searchAddress, traceAddress, whyAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Change.module.css';
import { ChangeKind, titleOf } from './ChangeKind';

type Change = Schemas['Change'];

/** One change: what it was, who did it, what it changed. */
export default function ChangePage() {
  const { id = '' } = useParams();
  const answer = useApi('/api/changes/{id}', { id }, { keep: false });
  if (answer.isError) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <WaitingBlock height={320} />;
  const change = answer.data;
  return (
    <Page title={readable(titleOf(change), 160)} lead={<ChangeKind change={change} />}>
      <Panel title="What and who">
        <About change={change} />
      </Panel>
      {(change.diff?.length || change.before || change.after) && (
        <Panel title="Before and after" note={change.diffTruncated ? 'cut: there is more' : undefined} flush>
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
