import { Tooltip } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { Whole } from '../api/partial';
import classes from './states.module.css';

/** Says when an answer is not the whole truth, and why; nothing when it is. */
export function Partial({ of }: { of: Whole | undefined }) {
  if (!of || of.status === 'complete' || of.reasons.length === 0) return null;
  const reasons = (
    <div className={classes.reasons}>
      {of.reasons.map((reason) => (
        <div key={reason.reason}>{reason.detail}</div>
      ))}
    </div>
  );
  return (
    <Tooltip label={reasons} events={{ hover: true, focus: true, touch: true }}>
      <button
        type="button"
        className={classes.partial}
        aria-label={`Partial: ${of.reasons.map((reason) => reason.detail).join(' ')}`}
      >
        <IconAlertCircle size={13} />
        partial
      </button>
    </Tooltip>
  );
}
