import type { UnixNano } from '../../design/units';

/** What /api/why, /api/causes and /api/traces/{id}/flags answer. */
export type Evidence = { kind: string; label: string; value?: string | null; link?: string | null };

export type Step = { part: string; severity: 'info' | 'warning' | 'error'; sentence: string; evidence: Evidence[] };

export type WhyAnswer = { question: string; answer: string; steps: Step[] };

type Suspect = { kind: string; service?: string; fault: string; score: number; sentence: string; change?: string };

export type CauseReport = { suspects: Suspect[]; threshold: number };

export type TraceFlag = {
  key: string;
  value: string;
  spanId: string;
  service: string;
  timeUnixNano: UnixNano;
  inheritingSpanCount: number;
  inheritingErrorCount: number;
};
