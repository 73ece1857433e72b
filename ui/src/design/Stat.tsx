import type { ReactNode } from 'react';
import type { Tone } from './Badge';
import classes from './marks.module.css';

/** One figure and what it counts. */
export function Stat({
  label,
  value,
  tone = 'plain',
  detail,
}: {
  label: string;
  value: ReactNode;
  tone?: Tone;
  detail?: ReactNode;
}) {
  return (
    <div className={classes.stat} data-tone={tone}>
      <span className={classes.label}>{label}</span>
      <span className={classes.value}>{value}</span>
      {detail && <span className={classes.label}>{detail}</span>}
    </div>
  );
}
