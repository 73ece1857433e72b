import type { ReactNode } from 'react';
import classes from './Facts.module.css';
import { readable } from './foreign-text';

/** Names and what is known of them; what is not known is left out. Plain texts may come from telemetry. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {of
        .filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === 'string' ? readable(value, 500) : value}</dd>
          </div>
        ))}
    </dl>
  );
}
