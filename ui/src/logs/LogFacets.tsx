import { useMemo } from 'react';
import { readable } from '../design/foreign-text';
import { formatCount } from '../design/formats';
import { ServiceName } from '../design/ServiceName';
import { useLogHistogram } from './LogHistogram';
import type { Narrow } from './LogPanel';
import classes from './Logs.module.css';
import { attributeField, countValues, type LogsState, type Severity, severities } from './logs-state';
import type { Line } from './use-logs';

type Props = { state: LogsState; lines: readonly Line[]; narrow: Narrow; least(severity: Severity): void };

const attributesShown = 6;

/** What the lines have: severities of all that match, the rest of the lines that are loaded, and it says so. A press narrows. */
export function LogFacets({ state, lines, narrow, least }: Props) {
  const histogram = useLogHistogram(state);
  const names = useMemo(
    () =>
      countValues(
        lines.flatMap((line) => Object.keys(line.attributes)),
        (name) => name,
        attributesShown,
      ),
    [lines],
  );
  const bySeverity = severities
    .map((name) => [name, sum(histogram.data?.series.find((one) => one.severity === name)?.counts ?? [])] as const)
    .filter(([, count]) => count > 0)
    .reverse();
  return (
    <nav className={classes.facets} aria-label="Facets">
      <h3>
        Severity <span className={classes.soft}>of all lines</span>
      </h3>
      {bySeverity.map(([name, count]) => (
        <button key={name} type="button" title={`${name} and up`} onClick={() => least(state.severity === name ? '' : name)}>
          <span className={classes.facetText}>{name}</span>
          <span className={classes.soft}>{formatCount(count)}</span>
        </button>
      ))}
      <h3>
        Service <span className={classes.soft}>of {formatCount(lines.length)} loaded</span>
      </h3>
      {countValues(lines, (line) => line.service, 12).map(([service, count]) => (
        <button key={service} type="button" onClick={() => narrow('service', '=', JSON.stringify(service))}>
          <span className={classes.facetText}>
            <ServiceName service={service} />
          </span>
          <span className={classes.soft}>{formatCount(count)}</span>
        </button>
      ))}
      {names.map(([name]) => (
        <Attribute key={name} name={name} lines={lines} narrow={narrow} />
      ))}
    </nav>
  );
}

function Attribute({ name, lines, narrow }: { name: string } & Pick<Props, 'lines' | 'narrow'>) {
  const values = countValues(lines, (line) => line.attributes[name], 5);
  const typed = (value: string) => (lines.some((line) => line.attributes[name] === value) ? JSON.stringify(value) : value);
  return (
    <details>
      <summary title={readable(name, 300)}>{readable(name, 60)}</summary>
      {values.map(([value, count]) => (
        <button key={value} type="button" onClick={() => narrow(attributeField('log', name), '=', typed(value))}>
          <span className={classes.facetText}>{readable(value, 100) || '(empty)'}</span>
          <span className={classes.soft}>{formatCount(count)}</span>
        </button>
      ))}
    </details>
  );
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
