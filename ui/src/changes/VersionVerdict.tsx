import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Badge, type Tone } from '../design/Badge';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatExact } from '../design/formats';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { type Millis, toUnixNano } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import type { FoundTrace } from '../search/use-search';
import { address, quoted, traceAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Change.module.css';

const tones: Record<string, Tone> = { promote: 'ok', hold: 'warning', rollback: 'error' };
const words: Record<string, string> = { promote: 'keep it', hold: 'wait', rollback: 'roll it back' };

type Props = { change: Schemas['Change']; times: { since: Millis; until: Millis } };

/** The new version against the one before, request by request, and whether to keep it. */
export function VersionVerdict({ change, times }: Props) {
  const answer = useApi(
    '/api/verdict',
    {
      service: change.service ?? '',
      version: change.version ?? '',
      ...(change.previousVersion ? { against: change.previousVersion } : {}),
      since: toUnixNano(times.since),
      until: toUnixNano(times.until),
    },
    { keep: false },
  );
  const verdict = answer.data;
  const failed = verdict?.reasons.find((check) => check.traces?.[0])?.traces?.[0];
  return (
    <Panel
      title="Verdict"
      note={
        verdict && (
          <>
            <Badge tone={tones[verdict.verdict] ?? 'plain'}>{words[verdict.verdict] ?? verdict.verdict}</Badge>{' '}
            {verdict.against
              ? `${verdict.version}: ${formatExact(verdict.canaryRequests)} requests, ${verdict.against}: ${formatExact(verdict.baselineRequests)}`
              : verdict.version}
          </>
        )
      }
      actions={
        <>
          {failed && verdict?.against && <CompareVersions bad={failed} verdict={verdict} times={times} />}
          <Partial of={verdict?.status === 'partial' ? { status: 'partial', reasons: verdict.partialReasons } : undefined} />
        </>
      }
      flush
    >
      {answer.isError ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : verdict ? (
        <ul className={classes.checks}>
          {verdict.reasons.map((check) => (
            <li key={check.check + check.sentence}>
              <Badge tone={tones[check.verdict] ?? 'plain'}>{check.check}</Badge>
              <span className={classes.sentence}>{readable(check.sentence, 400)}</span>
              {check.traces?.[0] && (
                <RoomLink to={traceAddress(check.traces[0])} className={classes.example}>
                  a trace
                </RoomLink>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <WaitingRows count={3} />
      )}
    </Panel>
  );
}

type CompareProps = { bad: string; verdict: Schemas['VersionVerdict']; times: Props['times'] };

/** A trace of the new version beside one of the version before it, of the same request. */
function CompareVersions({ bad, verdict, times }: CompareProps) {
  const root = useApi('/api/traces/{id}/digest', { id: bad }, { keep: false }).data?.root;
  const of = `resource.service.name = ${quoted(verdict.service)} && resource.service.version = ${quoted(verdict.against)}`;
  const q = `{ ${of}${root ? ` && trace:rootName = ${quoted(root.operation)}` : ''} }`;
  const asked = { q, since: toUnixNano(times.since), until: toUnixNano(times.until), limit: 1 };
  const found = useApi<{ traces: FoundTrace[] }>('/api/search', asked, { enabled: root !== undefined, keep: false });
  const good = found.data?.traces[0]?.traceId;
  if (!good) return null;
  return (
    <RoomLink to={address('/compare', { a: good, b: bad })} className={classes.action}>
      Compare a trace of {verdict.against} with one of {verdict.version}
    </RoomLink>
  );
}
