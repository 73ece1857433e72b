import type { ReactNode } from 'react';
import classes from './Panel.module.css';

type Props = {
  title?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
  className?: string | undefined;
};

/** A titled surface. `flush` lets its content reach the edges (tables, charts). */
export function Panel({ title, note, actions, children, flush = false, className }: Props) {
  return (
    <section className={`${classes.panel} ${className ?? ''}`} data-flush={flush}>
      {(title || actions) && (
        <header className={classes.header}>
          {title && <h2 className={classes.title}>{title}</h2>}
          {note && <span className={classes.note}>{note}</span>}
          <div className={classes.actions}>{actions}</div>
        </header>
      )}
      <div className={classes.body}>{children}</div>
    </section>
  );
}
