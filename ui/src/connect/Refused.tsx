import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { readable } from '../design/foreign-text';
import { formatExact } from '../design/formats';
import { Panel } from '../design/Panel';
import { millis } from '../design/units';
import classes from './Connect.module.css';

/** What was not taken, why, and what its sender can do; nothing when all was taken. */
export function Refused({ status }: { status: Schemas['IngestStatus'] }) {
  const lines = [
    ...status.refused.map((one) => ({
      key: `refused ${one.protocol} ${one.reason}`,
      reason: one.reason,
      what: `${formatExact(one.requests)} requests by ${one.protocol} refused`,
    })),
    ...status.rejected.map((one) => ({
      key: `rejected ${one.signal} ${one.reason}`,
      reason: one.reason,
      what: `${formatExact(one.items)} items of ${one.signal} left out`,
    })),
    ...status.quarantined.map((one) => ({
      key: `quarantined ${one.signal}`,
      reason: 'quarantined',
      what: `${formatExact(one.items)} items of ${one.signal} set aside`,
    })),
  ];
  if (lines.length === 0 && status.latestRefusals.length === 0) return null;
  return (
    <Panel title="Refused and set aside" note="Since the start. Nothing disappears silently.">
      <ul className={classes.refusals}>
        {lines.map((line) => (
          <li key={line.key}>
            <strong>{line.what}</strong> <code>{line.reason}</code>
            <p>
              {readable(
                fixes[line.reason] ??
                  status.latestRefusals.find((one) => one.reason === line.reason)?.fix ??
                  'Its sender was told the field and the fix in the answer.',
                600,
              )}
            </p>
          </li>
        ))}
      </ul>
      {status.latestRefusals.length > 0 && (
        <ul className={classes.latest} aria-label="Latest refusals">
          {status.latestRefusals.slice(0, 20).map((refusal, i) => (
            <li key={i}>
              <span className={classes.soft}>
                <Ago time={millis(Date.parse(refusal.at))} now={millis(Date.parse(status.at))} />
              </span>
              <span>
                {refusal.protocol} {refusal.peer ?? ''} <code>{refusal.reason}</code>
              </span>
              <span className={classes.message}>{readable([refusal.field, refusal.fix].filter(Boolean).join(': '), 600)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What the server does not say by itself: nobody was refused, something was left out or set aside. */
const fixes: Record<string, string> = {
  quarantined:
    'Their times lie too far in the past or the future. They are kept and shown with their traces; set the clock of the sender (NTP), or widen Ingest:PastMax.',
};
