import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { NotFound } from '../components/not-found.tsx';
import { RouteProblem } from '../components/route-problem.tsx';
import { seriesSearch } from '../pages/series/series-search.ts';
import { basePath } from './base-path.ts';
import { PATHS } from './paths.ts';
import { SignedIn } from './signed-in.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const setUp = createRoute({
  getParentRoute: () => root,
  path: PATHS.setUp,
  component: lazyRouteComponent(() => import('../pages/set-up/set-up-page.tsx'), 'SetUpPage'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: PATHS.signIn,
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === 'string' && /^\/(?![/\\])/.test(search.next) ? { next: search.next } : {},
  component: lazyRouteComponent(() => import('../pages/sign-in/sign-in-page.tsx'), 'SignInPage'),
});

const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in', component: SignedIn });

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.overview,
  component: lazyRouteComponent(() => import('../pages/overview/overview-page.tsx'), 'OverviewPage'),
});

const agents = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.agents,
  component: lazyRouteComponent(() => import('../pages/agents/agents-page.tsx'), 'AgentsPage'),
});

const agent = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.agent,
  params: {
    parse: ({ agentId }) => ({ agentId: Number(agentId) }),
    stringify: ({ agentId }) => ({ agentId: String(agentId) }),
  },
  component: lazyRouteComponent(() => import('../pages/agent/agent-page.tsx'), 'AgentPage'),
});

const tests = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.tests,
  component: lazyRouteComponent(() => import('../pages/tests/tests-page.tsx'), 'TestsPage'),
});

const newTest = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.newTest,
  component: lazyRouteComponent(() => import('../pages/test-form/new-test-page.tsx'), 'NewTestPage'),
});

const testParams = {
  parse: ({ testId }: { testId: string }) => ({ testId: Number(testId) }),
  stringify: ({ testId }: { testId: number }) => ({ testId: String(testId) }),
};

const test = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.test,
  params: testParams,
  component: lazyRouteComponent(() => import('../pages/test/test-page.tsx'), 'TestPage'),
});

const editTest = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.editTest,
  params: testParams,
  component: lazyRouteComponent(() => import('../pages/test-form/edit-test-page.tsx'), 'EditTestPage'),
});

const series = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.series,
  validateSearch: seriesSearch,
  component: lazyRouteComponent(() => import('../pages/series/series-page.tsx'), 'SeriesPage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.settings,
  component: lazyRouteComponent(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
});

/** Every address of the dashboard. */
export const router = createRouter({
  routeTree: root.addChildren([
    setUp,
    signIn,
    signedIn.addChildren([overview, agents, agent, tests, newTest, test, editTest, series, settings]),
  ]),
  basepath: basePath === '' ? '/' : basePath,
  defaultPreload: 'intent',
  defaultErrorComponent: RouteProblem,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
