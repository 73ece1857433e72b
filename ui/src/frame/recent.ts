import { useEffect } from 'react';

export type Visit = { label: string; to: string };

const place = 'waybill.recent';
const visitsMax = 12;

export function recentVisits(): Visit[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return Array.isArray(stored)
      ? stored.filter((visit): visit is Visit => typeof visit?.label === 'string' && typeof visit?.to === 'string')
      : [];
  } catch {
    return [];
  }
}

/** Remembers in this browser that something was looked at; null while it is not known what. */
export function useVisit(label: string | null, to: string) {
  useEffect(() => {
    if (label === null) return;
    const visits = [{ label, to }, ...recentVisits().filter((visit) => visit.to !== to)].slice(0, visitsMax);
    try {
      localStorage.setItem(place, JSON.stringify(visits));
    } catch {
      // Storage is full or switched off: nothing is remembered.
    }
  }, [label, to]);
}
