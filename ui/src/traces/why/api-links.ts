import { changeAddress, errorGroupAddress, quoted, searchAddress, traceAddress, whyAddress } from '../../url/addresses';

/** The page of what an answer of the API points to; null when it has none. */
export function pageOf(kind: string, link: string | undefined, value: string | undefined): string | null {
  const [path = '', query = ''] = (link ?? '').split('?');
  const id = decodeURIComponent(path.split('/').at(-1) ?? '');
  if (path.startsWith('/api/traces/'))
    return traceAddress(path.split('/')[3] ?? id, { span: new URLSearchParams(query).get('span') ?? '' });
  if (path.startsWith('/api/changes/')) return changeAddress(id);
  if (path.startsWith('/api/exceptions/')) return errorGroupAddress(id);
  if (path.startsWith('/api/why/')) return whyAddress(id);
  if (kind === 'service' && value) return searchAddress(`{ resource.service.name = ${quoted(value)} }`);
  return null;
}
