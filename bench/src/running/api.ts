/** The server's API as the benchmarks call it. */
export interface Api {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body?: unknown): Promise<Answer>;
}

/** @throws Error with the server's answer when it is not a success. */
export function apiOf(url: string, bearer: string): Api {
  const ask = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return JSON.parse(text) as never;
  };
  return { get: (path) => ask('GET', path, undefined), post: (path, body) => ask('POST', path, body) };
}
