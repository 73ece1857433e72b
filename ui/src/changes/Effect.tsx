import type { ReactNode } from 'react';
import type { Schemas } from '../api/schemas';
import { Badge, type Tone } from '../design/Badge';
import { readable } from '../design/foreign-text';
import { formatDuration, formatRate, formatRatio } from '../design/formats';
import { nanos, ratio, toMillis } from '../design/units';
import { writePoint } from '../time/range';
import { quoted, searchAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Change.module.css';

export type ChangeEffect = Schemas['ChangeEffect'];
type Load = NonNullable<ChangeEffect['before']>;

const words: Record<ChangeEffect['verdict'], { word: string; tone: Tone }> = {
  worse: { word: 'got worse', tone: 'error' },
  better: { word: 'got better', tone: 'ok' },
  same: { word: 'as before', tone: 'plain' },
  unknown: { word: 'too little to tell', tone: 'plain' },
};

export function EffectBadge({ effect }: { effect: ChangeEffect }) {
  const { word, tone } = words[effect.verdict];
  const explain = readable(effect.reasons.join(' '), 400);
  return (
    <Badge tone={tone} {...(explain ? { explain } : {})}>
      {word}
    </Badge>
  );
}

const failed = (load: Load) => formatRatio(ratio(load.errorRatio));
const quantile = (value: number | null | undefined) => (value ? formatDuration(nanos(value)) : '–');

const measures: { name: string; of(load: Load): string }[] = [
  { name: 'Requests', of: (load) => formatRate(load.requestRate) },
  { name: 'Failed', of: failed },
  { name: 'Half within', of: (load) => quantile(load.p50Nano) },
  { name: '95 % within', of: (load) => quantile(load.p95Nano) },
];

/** Failures and latency, before and after, where there is room for a line of it. */
export function EffectLine({ effect: { before, after } }: { effect: ChangeEffect }) {
  if (!before || !after)
    return <span className={classes.soft}>{before ? 'no requests after it yet' : 'no requests before it'}</span>;
  return (
    <span className={classes.line}>
      <Step from={failed(before)} to={failed(after)} /> <Step from={quantile(before.p95Nano)} to={quantile(after.p95Nano)} />
    </span>
  );
}

const Step = ({ from, to }: { from: string; to: string }) => (
  <span>
    <span className={classes.soft}>{from}</span> → {to}
  </span>
);

/** Figures of both times; each leads to the spans behind it. */
export function EffectTable({ effect }: { effect: ChangeEffect }) {
  const sides = [
    { name: 'Before', load: effect.before, since: effect.beforeSinceUnixNano, until: effect.beforeUntilUnixNano },
    { name: 'After', load: effect.after, since: effect.afterSinceUnixNano, until: effect.afterUntilUnixNano },
  ];
  return (
    <table className={classes.effect}>
      <thead>
        <tr>
          <td />
          {measures.map((one) => (
            <th key={one.name} scope="col">
              {one.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sides.map((side) => (
          <Side key={side.name} service={effect.service} {...side} />
        ))}
      </tbody>
    </table>
  );
}

type SideProps = { name: string; load: Load | null | undefined; service: string; since: string; until: string };

function Side({ name, load, service, since, until }: SideProps) {
  const minutes = Math.round((toMillis(until) - toMillis(since)) / 60_000);
  const times = { since: writePoint(toMillis(since)), until: writePoint(toMillis(until)) };
  return (
    <tr>
      <th scope="row">
        {name} <span className={classes.soft}>{minutes === 1 ? '1 minute' : `${minutes} minutes`}</span>
      </th>
      {measures.map((one, i) => (
        <td key={one.name}>
          {load ? (
            <Behind i={i} service={service} times={times}>
              {one.of(load)}
            </Behind>
          ) : (
            '–'
          )}
        </td>
      ))}
    </tr>
  );
}

const conditions = ['', ' && status = error', '', ''];

type BehindProps = { i: number; service: string; times: { since: string; until: string }; children: ReactNode };

function Behind({ i, service, times, children }: BehindProps) {
  const query = `{ resource.service.name = ${quoted(service)} && (kind = server || kind = consumer)${conditions[i]} }`;
  return <RoomLink to={searchAddress(query, times)}>{children}</RoomLink>;
}
