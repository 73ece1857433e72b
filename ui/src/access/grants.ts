type Granted = { role: string; tenant: string; services: readonly string[]; environments: readonly string[] };

/** What somebody may, in words: `viewer of acme, services cart`. */
export function limits({ role, tenant, services, environments }: Granted): string {
  const of = `${role} of ${tenant === '*' ? 'all tenants' : tenant}`;
  const only = [
    ...(services.length > 0 ? [`services ${services.join(', ')}`] : []),
    ...(environments.length > 0 ? [`environments ${environments.join(', ')}`] : []),
  ];
  return [of, ...only].join(', ');
}

/** The day of a time in Unix nanoseconds; empty when there is none. */
export const day = (unixNano: string | null | undefined): string =>
  unixNano ? new Date(Number(BigInt(unixNano) / 1_000_000n)).toISOString().slice(0, 10) : '';
