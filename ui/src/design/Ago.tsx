import { formatAgo, formatTime } from './formats';
import { type Millis, millis } from './units';

/** How long ago, with the exact time on hover. */
export function Ago({ time, now }: { time: Millis; now: Millis }) {
  return (
    <time dateTime={new Date(time).toISOString()} title={formatTime(time, millis(0), 'millis')}>
      {formatAgo(time, now)}
    </time>
  );
}
