import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './marks.module.css';

export type Tone = 'plain' | 'error' | 'warning' | 'ok' | 'change' | 'flag' | 'accent';

/** A small word with a meaning. `explain` is shown on hover and focus. */
export function Badge({ tone = 'plain', explain, children }: { tone?: Tone; explain?: string; children: ReactNode }) {
  if (!explain)
    return (
      <span className={classes.badge} data-tone={tone}>
        {children}
      </span>
    );
  return (
    <Tooltip label={explain} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its explanation must be reachable by keyboard */}
      <span className={classes.badge} data-tone={tone} tabIndex={0}>
        {children}
      </span>
    </Tooltip>
  );
}
