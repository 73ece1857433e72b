import { ActionIcon } from '@mantine/core';
import { IconChevronRight, IconMinus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readable } from '../design/foreign-text';
import { formatCount } from '../design/formats';
import { ServiceName } from '../design/ServiceName';
import { useTimeRange } from '../time/TimeContext';
import { typedValue } from './builder';
import { countedValues, fieldsOf } from './catalog';
import classes from './Search.module.css';

type Props = { query: string; narrow(field: string, operator: '=' | '!=', value: string): void; enabled: boolean };

const first = ['resource.service.name', 'name', 'status', 'kind'];
const more = 14;
const valuesShown = 8;

/** What the found spans have, with how many have it: a press narrows the query. */
export function Facets({ query, narrow, enabled }: Props) {
  const range = useTimeRange();
  const fields = useQuery({
    queryKey: ['fields', range.sinceUnixNano],
    queryFn: ({ signal }) => fieldsOf({ since: range.sinceUnixNano, until: range.untilUnixNano }, signal),
    placeholderData: keepPreviousData,
  });
  const others = (fields.data ?? []).filter((field) => !first.includes(field) && /^(span|resource)\./.test(field)).slice(0, more);
  return (
    <nav className={classes.facets} aria-label="Facets">
      {[...first, ...others].map((field, i) => (
        <Facet key={field} field={field} query={query} narrow={narrow} enabled={enabled} startsOpen={i < 3} />
      ))}
    </nav>
  );
}

type FacetProps = Props & { field: string; startsOpen: boolean };

function Facet({ field, query, narrow, enabled, startsOpen }: FacetProps) {
  const range = useTimeRange();
  const [open, setOpen] = useState(startsOpen);
  const [all, setAll] = useState(false);
  const values = useQuery({
    queryKey: ['facet', field, query, range.sinceUnixNano, range.untilUnixNano],
    queryFn: ({ signal }) => countedValues(field, { since: range.sinceUnixNano, until: range.untilUnixNano }, query, signal),
    enabled: enabled && open,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const counted = values.data ?? [];
  const most = Math.max(...counted.map((one) => one.spans ?? 0), 1);
  return (
    <section className={classes.facet}>
      <button
        type="button"
        className={classes.facetTitle}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        title={readable(field)}
      >
        <IconChevronRight size={13} />
        <span>{readable(names[field] ?? field.replace(/^(span|resource)\./, ''), 60)}</span>
      </button>
      {open && values.isPending && enabled && <div className={classes.facetNote}>…</div>}
      {open && values.isError && <div className={classes.facetNote}>not known</div>}
      {open && values.data?.length === 0 && <div className={classes.facetNote}>no values</div>}
      {open &&
        counted.slice(0, all ? 100 : valuesShown).map((one) => (
          <div key={one.value} className={classes.facetValue}>
            <button
              type="button"
              title={`Only ${readable(one.value, 300)}`}
              onClick={() => narrow(field, '=', one.type === 'string' ? JSON.stringify(one.value) : typedValue(one.value, field))}
            >
              <span className={classes.facetBar} style={{ width: `${((one.spans ?? 0) / most) * 100}%` }} />
              <span className={classes.facetText}>
                {field === 'resource.service.name' ? <ServiceName service={one.value} /> : readable(one.value, 120) || '(empty)'}
              </span>
              {one.spans !== null && <span className={classes.facetCount}>{formatCount(one.spans)}</span>}
            </button>
            <ActionIcon
              size={18}
              className={classes.facetNot!}
              aria-label={`Without ${readable(one.value, 60)}`}
              title="Without these"
              onClick={() =>
                narrow(field, '!=', one.type === 'string' ? JSON.stringify(one.value) : typedValue(one.value, field))
              }
            >
              <IconMinus size={12} />
            </ActionIcon>
          </div>
        ))}
      {open && counted.length > valuesShown && (
        <button type="button" className={classes.facetMore} onClick={() => setAll(!all)}>
          {all ? 'fewer' : `${counted.length - valuesShown} more`}
        </button>
      )}
    </section>
  );
}

const names: Record<string, string> = { 'resource.service.name': 'Service', name: 'Operation', status: 'Status', kind: 'Kind' };
