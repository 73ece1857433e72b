import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';

/** Asked again only where that may help; a wrong question is wrong the second time too. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.passes,
      retryDelay: (failures) => 400 * 2 ** failures,
    },
  },
});
