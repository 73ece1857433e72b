const count = 24;
// FNV-1a. Its usual basis is replaced by one that gives the ten services of the Shop, the first that anyone sees, ten hues.
const basis = 523;

/** Which of the service colours a name has: always the same, on every page and for every reader. */
export function serviceIndex(service: string): number {
  let hash = basis;
  for (let i = 0; i < service.length; i++) hash = Math.imul(hash ^ service.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % count;
}

export function serviceColour(service: string): string {
  return `var(--service-${serviceIndex(service)})`;
}
