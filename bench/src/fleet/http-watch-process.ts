/**
 * Requests pages from a server repeatedly. For each line on stdin it prints the slowest answer of each path since the
 * previous line.
 */
const [url = '', bearer = '', ...paths] = process.argv.slice(2);
const BETWEEN_MS = 20;
const headers = { authorization: `Bearer ${bearer}` };
let slowest = new Map<string, number>();

async function watch(path: string): Promise<never> {
  for (;;) {
    const startMs = performance.now();
    const answer = await fetch(url + path, { headers });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    slowest.set(path, Math.max(slowest.get(path) ?? 0, performance.now() - startMs));
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
}

process.stdin.on('data', () => {
  process.stdout.write(`DONE ${JSON.stringify(Object.fromEntries(slowest))}\n`);
  slowest = new Map();
});
process.stdin.on('end', () => process.exit(0));
process.stdout.write('READY\n');
await Promise.all(paths.map(watch));
