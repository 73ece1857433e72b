import { IconAlertTriangleFilled, IconCircleDot, IconInfoCircle } from '@tabler/icons-react';
import { readable } from '../../design/foreign-text';
import { RoomLink } from '../../url/RoomLink';
import { pageOf } from './api-links';
import classes from './Why.module.css';
import type { Evidence, Step } from './why-types';

const parts: Record<string, string> = {
  what_happened: 'What happened',
  what_led_to_it: 'What led to it',
  what_changed: 'What changed',
  who: 'Who',
  what_else: 'What else',
  what_next: 'What next',
  missing: 'What is missing',
};

/** One answer, and the steps that lead to it with their evidence. */
export function Story({ answer, steps }: { answer: string; steps: readonly Step[] }) {
  return (
    <div className={classes.story}>
      <p className={classes.answer}>{readable(answer)}</p>
      <ol>
        {steps.map((step, i) => (
          <li key={i} className={classes.step} data-tone={step.severity}>
            <span className={classes.mark}>
              {step.severity === 'error' ? (
                <IconAlertTriangleFilled size={13} />
              ) : step.severity === 'warning' ? (
                <IconInfoCircle size={14} />
              ) : (
                <IconCircleDot size={14} />
              )}
            </span>
            <div className={classes.text}>
              {step.part !== steps[i - 1]?.part && <h3>{parts[step.part] ?? step.part}</h3>}
              <p>{readable(step.sentence)}</p>
              <div className={classes.evidence}>
                {step.evidence.map((one, at) => (
                  <Proof key={at} evidence={one} />
                ))}
              </div>
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Proof({ evidence: { kind, label, value, link } }: { evidence: Evidence }) {
  const page = pageOf(kind, link ?? undefined, value ?? undefined);
  const text = [label, value].filter(Boolean).join(': ');
  return page ? (
    <RoomLink to={page} className={classes.proof} title={kind}>
      {readable(text, 120)}
    </RoomLink>
  ) : (
    <span className={classes.proof} title={kind}>
      {readable(text, 120)}
    </span>
  );
}
