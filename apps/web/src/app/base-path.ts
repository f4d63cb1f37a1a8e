/** Path that the dashboard lives under, from the page's `<base href>`, without a slash at its end: "" or "/netsonde". */
export const basePath = new URL(document.baseURI).pathname.replace(/\/[^/]*$/, '');

/** Address of one of the server's own paths (`api/v1/session`), below the base path. */
export function serverPath(path: string): string {
  return `${basePath}/${path.replace(/^\//, '')}`;
}

/** Address of the server as agents and programs off this page need it: `https://host:port/base`. */
export const serverAddress = `${location.origin}${basePath}`;
