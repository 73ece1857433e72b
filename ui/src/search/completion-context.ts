/** What may be written at a place of a query. */
export type Place =
  | { expects: 'field'; from: number; typed: string }
  | { expects: 'operator'; from: number; typed: string }
  | { expects: 'value'; from: number; typed: string; field: string; quoted: boolean }
  | { expects: 'stage'; from: number; typed: string }
  | { expects: 'nothing' };

const fieldAtEnd = /([A-Za-z_.:"][\w.:/\-"]*)$/;

/** Reads the query up to the cursor. Only as deep as completion needs: in a set of spans or not, and what was written last. */
export function placeAt(before: string): Place {
  const inside = openSet(before);
  if (inside === null) {
    const stage = /(?:^|\|)\s*([a-z_]*)$/.exec(before);
    return stage && before.includes('}')
      ? { expects: 'stage', from: before.length - stage[1]!.length, typed: stage[1]! }
      : { expects: 'nothing' };
  }
  const value = /([A-Za-z_.:][\w.:/-]*(?:"(?:[^"\\]|\\.)*")?)\s*(=~|!~|!=|>=|<=|=|>|<)\s*("(?:[^"\\]|\\.)*|[\w.-]*)$/.exec(
    inside,
  );
  if (value) {
    const typed = value[3]!;
    const isQuoted = typed.startsWith('"');
    return {
      expects: 'value',
      from: before.length - typed.length,
      typed: isQuoted ? typed.slice(1) : typed,
      field: value[1]!,
      quoted: isQuoted,
    };
  }
  if (/(^|&&|\|\||\(|!)\s*$/.test(inside)) return { expects: 'field', from: before.length, typed: '' };
  const field = fieldAtEnd.exec(inside)?.[1];
  if (field && /(^|&&|\|\||\(|!)\s*$/.test(inside.slice(0, -field.length)))
    return { expects: 'field', from: before.length - field.length, typed: field };
  if (/[\w"]\s+$/.test(inside)) return { expects: 'operator', from: before.length, typed: '' };
  return { expects: 'nothing' };
}

/** What stands in the set of spans in which the text ends; null outside of any. */
function openSet(text: string): string | null {
  let quote = '';
  let open = -1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote) {
      if (character === '\\' && quote === '"') i++;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === '`') quote = character;
    else if (character === '{') open = i;
    else if (character === '}') open = -1;
  }
  return open < 0 ? null : text.slice(open + 1);
}
