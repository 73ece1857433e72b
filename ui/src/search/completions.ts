import type { Completion, CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';
import type { UnixNano } from '../design/units';
import { quoted } from '../url/addresses';
import { typedValue } from './builder';
import { fieldsOf, valuesOf } from './catalog';
import { placeAt } from './completion-context';

type Time = { since: UnixNano; until: UnixNano };

const stages: readonly Completion[] = [
  ['count() > 2', 'traces with so many of these spans'],
  ['avg(duration) > 1s', 'by the mean of a field'],
  ['max(duration)', 'largest'],
  ['by(resource.service.name)', 'group the spans'],
  ['select(span.http.route)', 'show more fields'],
  ['rate()', 'how many per second, over time'],
  ['count_over_time()', 'how many, over time'],
  ['quantile_over_time(duration, .95)', 'latency, over time'],
  ['histogram_over_time(duration)', 'latency, as a heatmap'],
].map(([label, detail]) => ({ label: label!, detail: detail! }));

const comparisons: readonly Completion[] = ['=', '!=', '=~', '!~', '>', '>=', '<', '<='].map((label) => ({
  label,
  apply: `${label} `,
}));
const joins: readonly Completion[] = ['&&', '||'].map((label) => ({ label, apply: `${label} ` }));

/** Names and values that are really stored, most frequent first. */
export function completions(time: () => Time): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const place = placeAt(context.state.sliceDoc(0, context.pos));
    switch (place.expects) {
      case 'stage':
        return { from: place.from, options: [...stages] };
      case 'operator':
        return context.explicit || context.matchBefore(/\s/) ? { from: place.from, options: [...comparisons, ...joins] } : null;
      case 'field': {
        const fields = await fieldsOf(time());
        return {
          from: place.from,
          options: fields.map((label, i) => ({ label, apply: `${label} `, boost: 50 - i / 20 })),
          validFor: /^[\w.:/\-"]*$/,
        };
      }
      case 'value': {
        const values = await valuesOf(place.field, time());
        return {
          from: place.from,
          options: values.map((value, i) => ({
            label: value.slice(0, 200),
            apply: place.quoted ? quoted(value) : typedValue(value, place.field),
            boost: 50 - i / 20,
          })),
          filter: true,
          ...(place.quoted
            ? {
                from: place.from,
                options: values.filter((value) => value.startsWith(place.typed)).map((value) => ({ label: quoted(value) })),
                filter: false,
              }
            : {}),
        };
      }
      case 'nothing':
        return null;
    }
  };
}
