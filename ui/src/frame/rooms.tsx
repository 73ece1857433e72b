import {
  IconBug,
  IconChartLine,
  IconEyeOff,
  IconGitCommit,
  IconHelpCircle,
  IconHome,
  IconLock,
  IconLogs,
  IconMap2,
  IconPlugConnected,
  type IconProps,
  IconSearch,
  IconTargetArrow,
  IconUserSearch,
  IconUserShield,
} from '@tabler/icons-react';
import { type ComponentType, lazy } from 'react';

/** A room of the console. Its folder has the name of the server's room; its code is loaded when it is opened. */
export type Room = {
  name: string;
  label: string;
  icon: ComponentType<IconProps>;
  /** `g` and this key go there. */
  key: string;
  group: 'now' | 'investigate' | 'set up';
  /** Pages by address; the first one is the room's entrance. */
  pages: readonly Page[];
};

type Page = { path: string; page: ComponentType; load(): Promise<unknown> };

const page = (path: string, load: () => Promise<{ default: ComponentType }>): Page => ({ path, page: lazy(load), load });

export const rooms: readonly Room[] = [
  {
    name: 'home',
    label: 'Home',
    icon: IconHome,
    key: 'h',
    group: 'now',
    pages: [page('/', () => import('../home/HomePage'))],
  },
  {
    name: 'map',
    label: 'Map',
    icon: IconMap2,
    key: 'm',
    group: 'now',
    pages: [page('/map', () => import('../map/MapPage'))],
  },
  {
    name: 'search',
    label: 'Search',
    icon: IconSearch,
    key: 's',
    group: 'investigate',
    pages: [page('/search', () => import('../search/SearchPage'))],
  },
  {
    name: 'logs',
    label: 'Logs',
    icon: IconLogs,
    key: 'o',
    group: 'investigate',
    pages: [page('/logs', () => import('../logs/LogsPage'))],
  },
  {
    name: 'why',
    label: 'Why',
    icon: IconHelpCircle,
    key: 'w',
    group: 'investigate',
    pages: [page('/why', () => import('../why/WhyPage'))],
  },
  {
    name: 'causes',
    label: 'Causes',
    icon: IconTargetArrow,
    key: 'r',
    group: 'investigate',
    pages: [page('/causes', () => import('../causes/CausesPage'))],
  },
  {
    name: 'changes',
    label: 'Changes',
    icon: IconGitCommit,
    key: 'd',
    group: 'investigate',
    pages: [
      page('/changes', () => import('../changes/ChangesPage')),
      page('/changes/:id', () => import('../changes/ChangePage')),
    ],
  },
  {
    name: 'errors',
    label: 'Errors',
    icon: IconBug,
    key: 'e',
    group: 'investigate',
    pages: [page('/errors', () => import('../errors/ErrorsPage')), page('/errors/:group', () => import('../errors/ErrorPage'))],
  },
  {
    name: 'metrics',
    label: 'Metrics',
    icon: IconChartLine,
    key: 'n',
    group: 'investigate',
    pages: [page('/metrics', () => import('../metrics/MetricsPage'))],
  },
  {
    name: 'audit',
    label: 'Audit',
    icon: IconUserSearch,
    key: 'a',
    group: 'investigate',
    pages: [page('/audit', () => import('../audit/AuditPage')), page('/audit/:actor', () => import('../audit/ActorPage'))],
  },
  {
    name: 'redaction',
    label: 'Redaction',
    icon: IconEyeOff,
    key: 'x',
    group: 'set up',
    pages: [page('/redaction', () => import('../redaction/RedactionPage'))],
  },
  {
    name: 'ledger',
    label: 'Ledger',
    icon: IconLock,
    key: 'l',
    group: 'set up',
    pages: [page('/ledger', () => import('../ledger/LedgerPage'))],
  },
  {
    name: 'access',
    label: 'Access',
    icon: IconUserShield,
    key: 'u',
    group: 'set up',
    pages: [page('/access', () => import('../access/AccessPage'))],
  },
  {
    name: 'connect',
    label: 'Connect',
    icon: IconPlugConnected,
    key: 'c',
    group: 'set up',
    pages: [page('/connect', () => import('../connect/ConnectPage'))],
  },
];

/** Pages that have no place in the navigation: one leads to them from an id. */
export const inner: readonly Page[] = [
  page('/traces/:id', () => import('../traces/TracePage')),
  page('/compare', () => import('../traces/compare/ComparePage')),
];

const pages = [...rooms.flatMap((room) => room.pages), ...inner];

/** Fetches the code of the page at an address, before it is known whether it may be shown. */
export function preload(path: string) {
  const parts = path.split('/');
  const at = pages.find((one) => {
    const pattern = one.path.split('/');
    return pattern.length === parts.length && pattern.every((part, i) => part.startsWith(':') || part === parts[i]);
  });
  // What cannot be loaded is said where the page should be.
  at?.load().catch(() => undefined);
}
