import type { Schemas } from '../../api/schemas';

type TraceDocument = Schemas['TraceDocument'];
export type Span = Schemas['TraceSpan'];
export type LogRecord = Schemas['LogDocument'];
type Resource = Schemas['TraceResource'];
type Scope = Schemas['TraceScope'];

/** What is known of a trace before its spans. */
export type TraceHead = Omit<TraceDocument, 'spans' | 'logs'>;

/** All that the details panel shows. */
export type SpanDetails = { span: Span; resource: Resource | null; scope: Scope | null; logs: LogRecord[]; spanJson: string };
