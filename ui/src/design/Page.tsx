import { type ReactNode, useEffect } from 'react';
import classes from './page.module.css';

type Props = { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode };

/** A page of panels. Pages that fill the window (trace, map) lay themselves out. */
export function Page({ title, lead, actions, children }: Props) {
  useTitle(title);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1 className={classes.title}>{title}</h1>
        {lead && <span className={classes.lead}>{lead}</span>}
        {actions}
      </header>
      {children}
    </div>
  );
}

export const Columns = ({ children }: { children: ReactNode }) => <div className={classes.columns}>{children}</div>;

export function useTitle(title: string) {
  useEffect(() => {
    document.title = title ? `${title} · Waybill` : 'Waybill';
  }, [title]);
}
