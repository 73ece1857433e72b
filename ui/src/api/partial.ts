/** One reason why an answer may not be the whole truth. */
export type PartialReason = { reason: string; detail: string };

/** What every listing of the API says about itself. */
export type Whole = { status: 'complete' | 'partial'; reasons: readonly PartialReason[] };
