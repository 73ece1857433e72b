import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Badge } from '../design/Badge';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { WaitingBlock } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress, traceAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Causes.module.css';

type Suspect = Schemas['Suspect'];
const percent = (ratio: number) => `${Math.round(ratio * 100)} %`;

/** What may have caused what got worse in the chosen time, best first, with what speaks for it. */
export default function CausesPage() {
  const range = useTimeRange();
  const answer = useApi('/api/causes', { since: range.sinceUnixNano, until: range.untilUnixNano });
  return (
    <Page title="Causes" lead="of what got slower or failed in this time, compared with the time before">
      {answer.isError ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : !answer.data ? (
        <WaitingBlock height={320} />
      ) : answer.data.suspects.length === 0 ? (
        <Empty title="Nothing stands out">
          No service, instance, operation, dependency or change explains a rise of latency or errors in this time. Choose a
          shorter time around the trouble.
        </Empty>
      ) : (
        answer.data.suspects.map((suspect) => <SuspectPanel key={suspect.sentence} suspect={suspect} />)
      )}
    </Page>
  );
}

function SuspectPanel({ suspect }: { suspect: Suspect }) {
  return (
    <Panel
      title={
        <>
          <span title="Score: how far the evidence speaks for it">{percent(suspect.score)}</span>{' '}
          <Badge tone="warning">{suspect.fault.replace('_', ' ')}</Badge>{' '}
          {suspect.change && (
            <RoomLink to={changeAddress(suspect.change)}>
              <Badge tone="change">what was changed</Badge>
            </RoomLink>
          )}
        </>
      }
    >
      <p className={classes.sentence}>{readable(suspect.sentence, 1_000)}</p>
      <ul className={classes.evidence}>
        {suspect.evidence.map((one) => (
          <li key={one.text}>
            <span className={classes.bar} title={`${percent(one.contribution)} of the score`}>
              <span style={{ width: `${one.contribution * 100}%` }} />
            </span>
            <span className={classes.channel}>{one.channel.replace('_', ' ')}</span>
            <span className={classes.text}>{readable(one.text, 600)}</span>
            <Examples bad={one.badTraces ?? []} good={one.goodTraces ?? []} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Examples({ bad, good }: { bad: readonly string[]; good: readonly string[] }) {
  return (
    <span className={classes.examples}>
      {bad[0] && <RoomLink to={traceAddress(bad[0])}>a bad trace</RoomLink>}
      {good[0] && <RoomLink to={traceAddress(good[0])}>a good one</RoomLink>}
    </span>
  );
}
