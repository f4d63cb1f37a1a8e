/**
 * Calls the REST API of a server. `body` makes it a POST. undefined where the answer has no body. @throws Error with
 * the answer's problem.
 */
export type ApiCall = <Answer>(path: string, body?: object) => Promise<Answer>;

export function apiOf(url: string, token: string): ApiCall {
  return async <Answer>(path: string, body?: object): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${url}/api/v1${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  };
}
