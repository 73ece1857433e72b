import { useMemo, useState } from 'react';
import { readable } from '../design/foreign-text';
import { formatTime } from '../design/formats';
import { Panel } from '../design/Panel';
import { ServiceName } from '../design/ServiceName';
import { type Millis, millis, toMillis } from '../design/units';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import { titleOf } from './ChangeKind';
import classes from './ChangeLanes.module.css';
import type { ChangeEffect } from './Effect';
import { type Lane, lanesOf, type Mark } from './lanes';

type Props = { changes: Parameters<typeof lanesOf>[0]; effects: ReadonlyMap<string, ChangeEffect> };

const lanesShown = 12;
const ticks = [0, 0.25, 0.5, 0.75, 1];

/** When each service was changed, a lane each; a red mark is followed by worse requests. */
export function ChangeLanes({ changes, effects }: Props) {
  const range = useTimeRange();
  const [all, setAll] = useState(false);
  const lanes = useMemo(() => lanesOf(changes, range.since, range.until), [changes, range.since, range.until]);
  const shown = all ? lanes : lanes.slice(0, lanesShown);
  return (
    <Panel title="When" note="red: its requests got worse" flush>
      <ul className={classes.lanes}>
        {shown.map((lane) => (
          <li key={`${lane.service} ${lane.environment}`} className={classes.lane}>
            <LaneName lane={lane} />
            <div className={classes.line}>
              {lane.marks.map((mark) => (
                <MarkLink key={mark.changes[0]!.id} mark={mark} effects={effects} now={range.now} />
              ))}
            </div>
          </li>
        ))}
      </ul>
      <div className={classes.axis}>
        {ticks.map((at) => (
          <span key={at}>{formatTime(millis(range.since + at * (range.until - range.since)), range.now, 'minutes')}</span>
        ))}
      </div>
      {lanes.length > lanesShown && (
        <button type="button" className={classes.more} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${lanes.length - lanesShown} more`}
        </button>
      )}
    </Panel>
  );
}

function LaneName({ lane: { service, environment } }: { lane: Lane }) {
  return (
    <div className={classes.name}>
      {service ? <ServiceName service={service} /> : 'of no one service'}
      {environment && <span className={classes.environment}>{readable(environment, 40)}</span>}
    </div>
  );
}

function MarkLink({ mark, effects, now }: { mark: Mark; effects: Props['effects']; now: Millis }) {
  const worst = mark.changes.find((change) => effects.get(change.id)?.verdict === 'worse');
  const first = worst ?? mark.changes[0]!;
  const label = mark.changes
    .slice(0, 8)
    .map((change) => `${formatTime(toMillis(change.startedUnixNano ?? change.receivedUnixNano), now)}: ${titleOf(change)}`)
    .join('\n');
  const tone = worst || first.outcome === 'failure' ? 'error' : first.kind === 'feature_flag' ? 'flag' : 'change';
  return (
    <RoomLink
      to={changeAddress(first.id)}
      className={classes.mark}
      data-tone={tone}
      style={{ left: `${mark.at * 100}%` }}
      title={readable(worst ? `Got worse after it.\n${label}` : label, 800)}
      aria-label={readable(`${label}${worst ? ', got worse after it' : ''}`, 400)}
    >
      {mark.changes.length > 1 && <span className={classes.count}>{mark.changes.length}</span>}
    </RoomLink>
  );
}
