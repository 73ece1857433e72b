import { useEffect, useState } from 'react';
import { apiAddress } from '../api/client';
import { Problem } from '../api/problem';
import type { TraceColumns } from './model/columns';
import { TraceWorker } from './model/trace-talk';
import type { TraceHead } from './model/trace-types';

export type LoadedTrace = {
  head: TraceHead | null;
  columns: TraceColumns | null;
  /** All spans and logs are here. */
  done: boolean;
  count: number;
  error: Problem | null;
  worker: TraceWorker | null;
};

const nothing: LoadedTrace = { head: null, columns: null, done: false, count: 0, error: null, worker: null };

/** A trace (none for an empty id), read in a worker of its own: its head first, then its first spans, then all. */
export function useTrace(id: string, attempt = 0): LoadedTrace {
  const [trace, setTrace] = useState(nothing);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another load
  useEffect(() => {
    setTrace(nothing);
    if (id === '') return;
    const worker = new TraceWorker(apiAddress('/api/traces/{id}', { id }), (reply) =>
      setTrace((old) => {
        switch (reply.is) {
          case 'head':
            return { ...old, worker, head: reply.head };
          case 'progress':
            return { ...old, count: reply.count };
          case 'columns':
            return { ...old, columns: reply.columns, count: reply.columns.count, done: reply.done };
          case 'failed':
            return { ...old, error: new Problem(reply.status, reply.message) };
        }
      }),
    );
    return () => worker.end();
  }, [id, attempt]);
  return trace;
}
