import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';

/** How one part of the state stands in the address. What equals the default is left out, so that addresses stay short. */
export type Codec<T> = { parse(text: string | null): T; format(value: T): string | null };
type Codecs = Record<string, { parse(text: string | null): unknown; format(value: never): string | null }>;
type Values<C> = { [K in keyof C]: C[K] extends Codec<infer T> ? T : never };

export const text = (missing = ''): Codec<string> => ({
  parse: (value) => value ?? missing,
  format: (value) => (value === missing ? null : value),
});

export const choice = <const T extends string>(...choices: readonly [T, ...T[]]): Codec<T> => ({
  parse: (value) => choices.find((one) => one === value) ?? choices[0],
  format: (value) => (value === choices[0] ? null : value),
});

export const flag: Codec<boolean> = { parse: (value) => value === '1', format: (value) => (value ? '1' : null) };

/** A flag that holds unless it is switched off. */
export const flagOn: Codec<boolean> = { parse: (value) => value !== '0', format: (value) => (value ? null : '0') };

export const whole = (missing: number, min: number, max: number): Codec<number> => ({
  parse: (value) => {
    const number = value === null ? Number.NaN : Number(value);
    return Number.isInteger(number) && number >= min && number <= max ? number : missing;
  },
  format: (value) => (value === missing ? null : String(value)),
});

/** Several words; commas inside them survive. */
export const list: Codec<readonly string[]> = {
  parse: (value) => (value ? value.split(',').map(decodeURIComponent) : []),
  format: (value) => (value.length === 0 ? null : value.map(encodeURIComponent).join(',')),
};

/**
 * State that lives in the address, so that any screen can be sent to a colleague.
 * `set` makes no step in the history unless told to: typing does not, opening something does.
 */
export function useUrlState<C extends Codecs>(
  codecs: C,
): [Values<C>, (change: Partial<Values<C>>, options?: { push?: boolean }) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const values = useMemo(() => {
    const params = new URLSearchParams(search);
    return Object.fromEntries(
      Object.entries(codecs).map(([name, codec]) => [name, codec.parse(params.get(name))]),
    ) as unknown as Values<C>;
  }, [search, codecs]);
  const set = useCallback(
    (change: Partial<Values<C>>, options?: { push?: boolean }) => {
      const params = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(change)) {
        const written = (codecs[name] as Codec<unknown>).format(value);
        if (written === null) params.delete(name);
        else params.set(name, written);
      }
      const written = params.toString();
      navigate(window.location.pathname + (written ? `?${written}` : ''), { replace: !options?.push });
    },
    [codecs, navigate],
  );
  return [values, set];
}
