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
  pages: readonly { path: string; page: ComponentType }[];
};

export const rooms: readonly Room[] = [
  {
    name: 'home',
    label: 'Home',
    icon: IconHome,
    key: 'h',
    group: 'now',
    pages: [{ path: '/', page: lazy(() => import('../home/HomePage')) }],
  },
  {
    name: 'map',
    label: 'Map',
    icon: IconMap2,
    key: 'm',
    group: 'now',
    pages: [{ path: '/map', page: lazy(() => import('../map/MapPage')) }],
  },
  {
    name: 'search',
    label: 'Search',
    icon: IconSearch,
    key: 's',
    group: 'investigate',
    pages: [{ path: '/search', page: lazy(() => import('../search/SearchPage')) }],
  },
  {
    name: 'logs',
    label: 'Logs',
    icon: IconLogs,
    key: 'o',
    group: 'investigate',
    pages: [{ path: '/logs', page: lazy(() => import('../logs/LogsPage')) }],
  },
  {
    name: 'why',
    label: 'Why',
    icon: IconHelpCircle,
    key: 'w',
    group: 'investigate',
    pages: [{ path: '/why', page: lazy(() => import('../why/WhyPage')) }],
  },
  {
    name: 'causes',
    label: 'Causes',
    icon: IconTargetArrow,
    key: 'r',
    group: 'investigate',
    pages: [{ path: '/causes', page: lazy(() => import('../causes/CausesPage')) }],
  },
  {
    name: 'changes',
    label: 'Changes',
    icon: IconGitCommit,
    key: 'd',
    group: 'investigate',
    pages: [
      { path: '/changes', page: lazy(() => import('../changes/ChangesPage')) },
      { path: '/changes/:id', page: lazy(() => import('../changes/ChangePage')) },
    ],
  },
  {
    name: 'errors',
    label: 'Errors',
    icon: IconBug,
    key: 'e',
    group: 'investigate',
    pages: [
      { path: '/errors', page: lazy(() => import('../errors/ErrorsPage')) },
      { path: '/errors/:group', page: lazy(() => import('../errors/ErrorPage')) },
    ],
  },
  {
    name: 'metrics',
    label: 'Metrics',
    icon: IconChartLine,
    key: 'n',
    group: 'investigate',
    pages: [{ path: '/metrics', page: lazy(() => import('../metrics/MetricsPage')) }],
  },
  {
    name: 'audit',
    label: 'Audit',
    icon: IconUserSearch,
    key: 'a',
    group: 'investigate',
    pages: [
      { path: '/audit', page: lazy(() => import('../audit/AuditPage')) },
      { path: '/audit/:actor', page: lazy(() => import('../audit/ActorPage')) },
    ],
  },
  {
    name: 'redaction',
    label: 'Redaction',
    icon: IconEyeOff,
    key: 'x',
    group: 'set up',
    pages: [{ path: '/redaction', page: lazy(() => import('../redaction/RedactionPage')) }],
  },
  {
    name: 'ledger',
    label: 'Ledger',
    icon: IconLock,
    key: 'l',
    group: 'set up',
    pages: [{ path: '/ledger', page: lazy(() => import('../ledger/LedgerPage')) }],
  },
  {
    name: 'access',
    label: 'Access',
    icon: IconUserShield,
    key: 'u',
    group: 'set up',
    pages: [{ path: '/access', page: lazy(() => import('../access/AccessPage')) }],
  },
  {
    name: 'connect',
    label: 'Connect',
    icon: IconPlugConnected,
    key: 'c',
    group: 'set up',
    pages: [{ path: '/connect', page: lazy(() => import('../connect/ConnectPage')) }],
  },
];

/** Pages that have no place in the navigation: one leads to them from an id. */
export const inner: readonly { path: string; page: ComponentType }[] = [
  { path: '/traces/:id', page: lazy(() => import('../traces/TracePage')) },
  { path: '/compare', page: lazy(() => import('../traces/compare/ComparePage')) },
];
