import { IconInbox } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CopyButton } from './CopyButton';
import classes from './states.module.css';

type Props = { title: string; icon?: ReactNode; children?: ReactNode; action?: ReactNode };

/** Nothing to show: what this place is for, and the next step. */
export function Empty({ title, icon, children, action }: Props) {
  return (
    <div className={classes.state} data-testid="empty">
      <span className={classes.mark}>{icon ?? <IconInbox size={28} stroke={1.4} />}</span>
      <div className={classes.title}>{title}</div>
      {children && <div className={classes.text}>{children}</div>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}

/** Something to paste into a terminal or a file. */
export function Command({ text }: { text: string }) {
  return (
    <div className={classes.command}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} />
    </div>
  );
}
