import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.ts';

/** The live stream keeps answers fresh; they are read again when the window regains focus. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});
