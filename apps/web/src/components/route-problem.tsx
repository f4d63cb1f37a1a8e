import { ProblemNotice } from './problem-notice.tsx';

/** For a page that could not be loaded, e.g. since a new version of the dashboard replaced its files. */
export function RouteProblem({ error }: { readonly error: unknown }) {
  return <ProblemNotice error={error} also={['Reload the page to go on.']} retry={() => location.reload()} />;
}
