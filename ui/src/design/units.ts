/** A number that knows its unit: the compiler refuses milliseconds where nanoseconds are meant. */
type Quantity<Unit extends string> = number & { readonly unit: Unit };

export type Nanos = Quantity<'ns'>;
export type Millis = Quantity<'ms'>;
export type Bytes = Quantity<'B'>;
/** Between 0 and 1. */
export type Ratio = Quantity<'ratio'>;

export const nanos = (value: number) => value as Nanos;
export const millis = (value: number) => value as Millis;
export const bytes = (value: number) => value as Bytes;
export const ratio = (value: number) => value as Ratio;

/** Nanoseconds since 1970 as the API writes them: decimal digits, because they pass 2^53. */
export type UnixNano = string;

export const toMillis = (time: UnixNano) => millis(Number(BigInt(time) / 1000n) / 1000);
export const toUnixNano = (time: Millis): UnixNano => (BigInt(Math.round(time * 1000)) * 1000n).toString();
/** Exact: the difference is taken before it becomes a floating-point number. */
export const nanosBetween = (from: UnixNano, to: UnixNano) => nanos(Number(BigInt(to) - BigInt(from)));
export const addNanos = (time: UnixNano, by: Nanos): UnixNano => (BigInt(time) + BigInt(Math.round(by))).toString();
