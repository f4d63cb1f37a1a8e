import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'oxc-parser';
import { fail, root } from './steps.js';

/**
 * Finds files that import each other in a circle, type imports included: Biome's rule leaves those out. Two files that need
 * each other's types belong in one file, or the types in a third.
 */
try {
  const cycles = cyclesIn(imports());
  for (const cycle of cycles) process.stdout.write(`import cycle: ${cycle.join(' <-> ')}\n`);
  process.exit(cycles.length === 0 ? 0 : 1);
} catch (error) {
  fail(error);
}

/** Files of the checkout, each with the files that it imports or exports from. */
function imports() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = new Set(listed.split('\n').filter((file) => file !== ''));
  return new Map([...files].map((file) => [file, importsOf(file).filter((imported) => files.has(imported))]));
}

function importsOf(file) {
  let text;
  try {
    text = readFileSync(join(root, file), 'utf8');
  } catch {
    return []; // deleted, and not committed yet
  }
  const { staticImports, staticExports } = parseSync(file, text).module;
  const from = [...staticImports, ...staticExports.flatMap(({ entries }) => entries)];
  const specifiers = from.map(({ moduleRequest }) => moduleRequest?.value).filter((value) => value?.startsWith('.'));
  return [...new Set(specifiers.map((specifier) => normalize(join(dirname(file), specifier))))];
}

/** Groups of files that reach each other. Tarjan's algorithm. */
function cyclesIn(graph) {
  const order = new Map();
  const lowest = new Map();
  const stack = [];
  const waiting = new Set();
  const cycles = [];
  const visit = (file) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file));
    stack.push(file);
    waiting.add(file);
    for (const imported of graph.get(file)) {
      if (!order.has(imported)) visit(imported);
      if (waiting.has(imported)) lowest.set(file, Math.min(lowest.get(file), lowest.get(imported)));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    for (const one of group) waiting.delete(one);
    if (group.length > 1) cycles.push(group);
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return cycles;
}
