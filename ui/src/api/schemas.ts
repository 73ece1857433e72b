import type { components, paths } from './schema';

/** The answers' types, generated from api/openapi.json (`npm run schema`). */
export type Schemas = components['schemas'];

type Answers<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer T } } } };
}
  ? T
  : never;

/** Addresses that GET answers with JSON. */
export type GetPath = { [P in keyof paths]: Answers<P> extends never ? never : P }[keyof paths];

export type Answer<P extends GetPath> = Answers<P>;
