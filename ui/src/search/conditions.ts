/** Puts a condition into a query that the builder cannot show: into its first set of spans. */
export function addCondition(query: string, condition: string): string {
  const text = query.trim();
  const end = firstSetEnd(text);
  if (end < 0) return `{ ${condition} }`;
  const inside = text.slice(1, end).trim();
  return `{ ${inside === '' ? condition : `(${inside}) && ${condition}`} }${text.slice(end + 1)}`;
}

/** The brace that closes the set with which the query begins; -1 when it does not begin with one. */
function firstSetEnd(text: string): number {
  if (!text.startsWith('{')) return -1;
  let quote = '';
  for (let i = 1; i < text.length; i++) {
    const character = text[i]!;
    if (quote) {
      if (character === '\\' && quote === '"') i++;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === '`') quote = character;
    else if (character === '}') return i;
  }
  return -1;
}
