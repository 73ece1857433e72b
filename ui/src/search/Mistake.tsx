import type { Problem } from '../api/problem';
import { readable } from '../design/foreign-text';
import classes from './Search.module.css';

/** What is wrong with the query, under the place where it is. */
export function Mistake({ error, query }: { error: Problem; query: string }) {
  const at = error.query;
  return (
    <div className={classes.mistake} role="alert">
      <span>{readable(error.message, 600)}</span>
      {at && query.includes('\n') && <pre>{readable(at.caret, 2_000)}</pre>}
      {at?.suggestion && <span className={classes.suggestion}>{readable(at.suggestion, 300)}</span>}
    </div>
  );
}
