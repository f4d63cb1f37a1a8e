/** Paths of all pages; `$name` stands for a number. The build lists them for the server, which answers 404 to all others. */
export const PATHS = {
  setUp: '/setup',
  signIn: '/sign-in',
  overview: '/',
  agents: '/agents',
  agent: '/agents/$agentId',
  tests: '/tests',
  newTest: '/tests/new',
  test: '/tests/$testId',
  editTest: '/tests/$testId/edit',
  series: '/series',
  settings: '/settings',
} as const;
