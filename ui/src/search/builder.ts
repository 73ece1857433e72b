import { quoted } from '../url/addresses';

/** One condition that the builder can show. */
export type Condition = { field: string; operator: Operator; value: string };

export const operators = ['=', '!=', '=~', '!~', '>', '>=', '<', '<='] as const;
export type Operator = (typeof operators)[number];

/** `(scope.)name`, an intrinsic, or a quoted name after its scope. */
const fieldPattern = /^(?:[A-Za-z_][\w]*:[A-Za-z_]\w*|[A-Za-z_]?[\w./-]*(?:"(?:[^"\\]|\\.)*")?)/;

/**
 * The conditions of a query of the kind `{ a = 1 && b != "x" }`, in order; null when it says more than that: other sets of spans, a
 * pipeline, an "or". What is read here and printed again is the same query.
 */
export function parseConditions(query: string): Condition[] | null {
  const text = query.trim();
  if (text === '') return [];
  if (!text.startsWith('{') || !text.endsWith('}')) return null;
  let rest = text.slice(1, -1).trim();
  const conditions: Condition[] = [];
  while (rest !== '') {
    const field = fieldPattern.exec(rest)?.[0] ?? '';
    if (field === '' || field === '.') return null;
    rest = rest.slice(field.length).trimStart();
    const operator = operators.filter((one) => rest.startsWith(one)).sort((a, b) => b.length - a.length)[0];
    if (!operator) return null;
    rest = rest.slice(operator.length).trimStart();
    const value = /^(?:"(?:[^"\\]|\\.)*"|`[^`]*`|-?[\w.µ]+)/.exec(rest)?.[0];
    if (value === undefined) return null;
    conditions.push({ field, operator, value });
    rest = rest.slice(value.length).trimStart();
    if (rest === '') break;
    if (!rest.startsWith('&&')) return null;
    rest = rest.slice(2).trimStart();
    if (rest === '') return null;
  }
  return conditions;
}

export function printConditions(conditions: readonly Condition[]): string {
  if (conditions.length === 0) return '{}';
  return `{ ${conditions.map(({ field, operator, value }) => `${field} ${operator} ${value}`).join(' && ')} }`;
}

/** A value as a person types it, as TraceQL writes it: numbers, durations, words of the language and what is quoted stay. */
export function typedValue(typed: string, field: string): string {
  const text = typed.trim();
  if (/^".*"$|^`.*`$/s.test(text)) return text;
  if (/^-?\d+(\.\d+)?(ns|us|µs|ms|s|m|h)?$/.test(text) && !stringFields.has(field)) return text;
  if (text === 'true' || text === 'false' || text === 'nil') return text;
  if (field === 'status' || field === 'kind' || field === 'span:status' || field === 'span:kind') return text;
  return quoted(text);
}

/** A value as a person reads it. */
export function readValue(value: string): string {
  return value.startsWith('"')
    ? value.slice(1, -1).replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    : value.replace(/^`|`$/g, '');
}

const stringFields = new Set([
  'name',
  'rootName',
  'rootServiceName',
  'resource.service.name',
  'resource.service.version',
  'statusMessage',
]);

/** Adds a condition; one that says the same is not said twice. Null when the query cannot take one. */
export function withCondition(query: string, condition: Condition): string | null {
  const conditions = parseConditions(query);
  if (conditions === null) return null;
  const same = conditions.some(
    (one) => one.field === condition.field && one.operator === condition.operator && one.value === condition.value,
  );
  // Two different values of one field at once match nothing: the new one takes the place of the old.
  const others =
    condition.operator === '=' ? conditions.filter((one) => one.field !== condition.field || one.operator !== '=') : conditions;
  return same ? query : printConditions([...others, condition]);
}

/** The first set of spans of a query: what metrics and facets are made of. */
export function selectionOf(query: string): string {
  const text = query.trim();
  if (text === '') return '{}';
  const pipe = topLevelPipe(text);
  return (pipe < 0 ? text : text.slice(0, pipe)).trim();
}

function topLevelPipe(text: string): number {
  let quote = '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote) {
      if (character === '\\' && quote === '"') i++;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === '`') quote = character;
    else if (character === '{' || character === '(') depth++;
    else if (character === '}' || character === ')') depth--;
    else if (character === '|' && depth === 0) {
      if (text[i + 1] === '|') i++;
      else return i;
    }
  }
  return -1;
}
