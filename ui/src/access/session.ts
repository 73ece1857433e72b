import { fetchOk, useApi } from '../api/client';
import type { Schemas } from '../api/schemas';

export type Session = Schemas['SessionView'];

/** Who asks, and whether anybody is asked. */
export const useSession = () => useApi('/api/session', {}, { keep: true });

const json = { 'content-type': 'application/json' };

export const signIn = (name: string, password: string) =>
  fetchOk('/api/session', { method: 'POST', headers: json, body: JSON.stringify({ name, password }) });

export const signOut = () => fetchOk('/api/session', { method: 'DELETE' });

/** Sends a change of access; the answer is JSON or nothing. */
export async function send<T>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const response = await fetchOk(path, body === undefined ? { method } : { method, headers: json, body: JSON.stringify(body) });
  return (response.status === 204 ? undefined : await response.json()) as T;
}
