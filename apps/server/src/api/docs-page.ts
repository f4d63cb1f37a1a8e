import type { ProbeInfo } from '@netsonde/protocol/api';
import { escapeHtml } from './html.ts';
import type { OpenApi } from './openapi.ts';
import { probeReference } from './probe-reference.ts';

interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly 'x-access': string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: unknown;
  }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

/** The reference as one page without scripts or external files, so that it works offline and under the strictest policy. */
export function docsPage(
  document: OpenApi,
  probes: readonly ProbeInfo[],
  { specUrl, styleUrl }: { readonly specUrl: string; readonly styleUrl: string },
): string {
  const paths = document.paths as Record<string, Record<string, Operation>>;
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(entries.map(({ operation }) => operation.tags[0] ?? ''))].sort();
  const sections = tags.map((tag) => {
    const inTag = entries.filter(({ operation }) => operation.tags[0] === tag);
    return `<h2 id="${escapeHtml(tag)}">${escapeHtml(tag)}</h2>${inTag.map(entryHtml).join('')}`;
  });
  const components = (document.components as { schemas: Record<string, unknown> }).schemas;
  const schemas = Object.entries(components).map(
    ([name, schema]) => `<details><summary><b>${escapeHtml(name)}</b></summary>${json(schema)}</details>`,
  );
  const nav = ['Probes', ...tags, 'Schemas']
    .map((tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`)
    .join(' ');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Netsonde API</title><link rel="stylesheet" href="${escapeHtml(styleUrl)}"></head><body>
<h1>Netsonde API</h1><p>The same as <a href="${escapeHtml(specUrl)}">OpenAPI 3.1</a>. Programs send <code>Authorization: Bearer nst_...</code>.</p>
<nav>${nav}</nav><main><h2 id="Probes">Probes</h2>${probes.map(probeReference).join('')}${sections.join('')}<h2 id="Schemas">Schemas</h2>${schemas.join('')}</main></body></html>`;
}

function entryHtml({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const parameters = operation.parameters.map(
    ({ name, in: where, required, schema }) =>
      `<li><code>${escapeHtml(name)}</code> (${where}${required ? '' : ', optional'}) <code>${escapeHtml(JSON.stringify(schema))}</code></li>`,
  );
  const list = parameters.length === 0 ? '' : `<h3>Parameters</h3><ul>${parameters.join('')}</ul>`;
  const body = operation.requestBody === undefined ? '' : `<h3>Body</h3>${json(operation.requestBody)}`;
  return `<details><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code> <span>${escapeHtml(operation.summary)}</span> <i>${escapeHtml(operation['x-access'])}</i></summary>
${list}${body}<h3>Answers</h3>${json(operation.responses)}</details>`;
}

/** Its style sheet, a separate file since the policy forbids inline styles. */
export const DOCS_STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
nav{display:flex;flex-wrap:wrap;gap:.75rem}details{border:1px solid #8884;border-radius:6px;margin:.4rem 0;padding:.4rem .7rem}
summary{cursor:pointer}summary span{opacity:.75}summary i{float:right;opacity:.75}h3{font-size:1em;margin:.8rem 0 .2rem}
pre{overflow:auto;max-height:28rem;background:#8882;padding:.6rem;border-radius:6px;font-size:13px}code{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;font-size:13px}
td,th{border:1px solid #8884;padding:.25rem .4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.get{color:#2b7de9}.post{color:#1f9d61}.put,.patch{color:#c77d0a}.delete{color:#d64545}`;

const json = (value: unknown): string => `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
