import { IconAlertTriangleFilled } from '@tabler/icons-react';
import { useMemo } from 'react';
import { formatRatio } from '../design/formats';
import { ServiceName } from '../design/ServiceName';
import { ratio } from '../design/units';
import { isError, type TraceColumns } from './model/columns';
import { criticalTime } from './model/critical-path';
import classes from './TracePage.module.css';
import type { useFolding } from './use-folding';

type Props = {
  columns: TraceColumns;
  bright: ReadonlySet<number> | null;
  setBright(bright: ReadonlySet<number> | null): void;
  folding: ReturnType<typeof useFolding>;
};

/** Who took part, and how much of the waiting each one was. A press makes the others faint. */
export function ServiceBar({ columns, bright, setBright }: Props) {
  const shares = useMemo(() => sharesOf(columns), [columns]);
  const press = (service: number) => {
    const next = new Set(bright ?? []);
    if (!next.delete(service)) next.add(service);
    setBright(next.size === 0 ? null : next);
  };
  return (
    <fieldset className={classes.services} aria-label="Services">
      {shares.slice(0, 40).map(({ service, share, errors }) => (
        <button
          type="button"
          key={service}
          className={classes.service}
          aria-pressed={bright?.has(service) ?? false}
          title={`${formatRatio(ratio(share))} of the critical path. Press to make the others faint.`}
          onClick={() => press(service)}
        >
          <ServiceName service={columns.services[service]!} />
          {share > 0 && <span className={classes.share}>{formatRatio(ratio(share))}</span>}
          {errors > 0 && (
            <span className={classes.error} role="img" aria-label={`${errors} failed`}>
              <IconAlertTriangleFilled size={11} />
            </span>
          )}
        </button>
      ))}
    </fieldset>
  );
}

function sharesOf(columns: TraceColumns): { service: number; share: number; errors: number }[] {
  const time = new Float64Array(columns.services.length);
  const errors = new Float64Array(columns.services.length);
  for (let span = 0; span < columns.count; span++) {
    time[columns.service[span]!]! += criticalTime(columns.critical, span);
    if (isError(columns, span)) errors[columns.service[span]!]!++;
  }
  const whole = time.reduce((sum, one) => sum + one, 0);
  return [...time]
    .map((one, service) => ({ service, share: whole > 0 ? one / whole : 0, errors: errors[service]! }))
    .sort((a, b) => b.share - a.share);
}
