import type { Schemas } from './schemas';

/** What every listing of the API says about itself: whether it is the whole truth, and if not, why. */
export type Whole = { status: 'complete' | 'partial'; reasons: readonly Schemas['PartialReason'][] };
