import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { TraceColumns } from './model/columns';
import { closedAtDepth, type Folding, makeRows, reveal } from './model/rows';

const none: Folding = { closed: new Set(), folds: true, opened: new Set(), quiet: new Set() };

/** What is open and what is closed, the rows that follow from it, and the ways to change it. */
export function useFolding(columns: TraceColumns, folds: boolean, selected: number) {
  const [folding, setFolding] = useState<Folding>({ ...none, folds });
  useEffect(() => setFolding((old) => ({ ...old, folds })), [folds]);
  const rows = useMemo(() => makeRows(columns, folding), [columns, folding]);
  const shown = useRef(rows);
  shown.current = rows;
  useEffect(() => {
    // It has a row of its own already when it was chosen there.
    if (selected >= 0 && shown.current.rows[shown.current.rowOf(selected)]?.span !== selected)
      setFolding((old) => reveal(columns, old, selected));
  }, [columns, selected]);
  const isOpen = useCallback(
    (at: number) => {
      const row = rows.rows[at];
      return row !== undefined && (row.fold ? row.fold.opened : columns.size[row.span]! > 1 && !folding.closed.has(row.span));
    },
    [rows, columns, folding],
  );
  const toggle = useCallback(
    (at: number) => {
      const row = rows.rows[at];
      if (!row) return;
      if (row.fold) setFolding((old) => ({ ...old, opened: flipped(old.opened, row.span) }));
      else if (columns.size[row.span]! > 1) setFolding((old) => ({ ...old, closed: flipped(old.closed, row.span) }));
    },
    [rows, columns],
  );
  return {
    rows,
    isOpen,
    toggle,
    quiet: folding.quiet,
    toggleQuiet: (service: number) => setFolding((old) => ({ ...old, quiet: flipped(old.quiet, service) })),
    closeAt: (depth: number) => setFolding((old) => ({ ...old, closed: closedAtDepth(columns, depth) })),
    openAll: () => setFolding((old) => ({ ...old, closed: new Set(), quiet: new Set() })),
  };
}

function flipped(set: ReadonlySet<number>, member: number): Set<number> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
