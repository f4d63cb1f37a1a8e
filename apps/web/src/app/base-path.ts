/** Base path of the dashboard, from the page's `<base href>`, without a trailing slash: "" or "/netsonde". */
export const basePath = new URL(document.baseURI).pathname.replace(/\/[^/]*$/, '');

/** URL of one of the server's own paths (`api/v1/session`), below the base path. */
export function serverPath(path: string): string {
  return `${basePath}/${path.replace(/^\//, '')}`;
}

/** URL of the server for agents and programs outside of this page: `https://host:port/base`. */
export const serverAddress = `${location.origin}${basePath}`;
