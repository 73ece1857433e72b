import type { Schemas } from '../../api/schemas';
import { formatDuration } from '../../design/formats';
import { nanos } from '../../design/units';
import classes from './Details.module.css';

/** Says that a clock is off, by how much, and that nothing was changed because of it. */
export function ClockNote({ skew, service }: { skew: Schemas['SkewEstimate']; service: string }) {
  const side = skew.offsetNano > 0 ? 'ahead of' : 'behind';
  return (
    <p className={classes.note}>
      The clock of {service} seems to be {formatDuration(nanos(Math.abs(skew.offsetNano)))} {side} its caller's (±{' '}
      {formatDuration(nanos(skew.uncertaintyNano))}). Times are shown as they were sent; “Align clocks” takes the difference out
      of the picture.
    </p>
  );
}
