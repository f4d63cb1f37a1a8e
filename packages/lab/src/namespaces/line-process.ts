import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endChild } from './keeper.ts';

/** A child that answers JSON lines with JSON lines, matched by `id`; its first line has id 0. */
export interface LineProcess<Request, Reply> {
  /** The first line that it sent. */
  readonly ready: Reply;
  ask(request: Request): Promise<Reply>;
  /** Closes its input and waits for its end. */
  close(): Promise<void>;
}

interface Waiting<Reply> {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** Talks to a child through its standard input and output. @throws its error output when it ends early. */
export async function lineProcess<Request extends object, Reply extends { id: number }>(
  name: string,
  child: ChildProcess,
): Promise<LineProcess<Request, Reply>> {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error(`${name} was started without pipes`);
  const waiting = new Map<number, Waiting<Reply>>();
  let complaint = '';
  let ended: Error | undefined;
  let lastId = 0;
  stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  stdin.on('error', () => {});
  const fail = (reason: string): void => {
    ended = new Error(`${name} ended (${reason}): ${complaint.trim()}`);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  child.on('error', (error) => fail(error.message));
  child.on('close', (code, signal) => fail(signal ?? `code ${code}`));
  createInterface({ input: stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as Reply;
    waiting.get(reply.id)?.resolve(reply);
    waiting.delete(reply.id);
  });
  const replyTo = (id: number): Promise<Reply> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) reject(ended);
      else waiting.set(id, { resolve, reject });
    });
  const ready = await replyTo(0);
  return {
    ready,
    ask(request) {
      const id = ++lastId;
      const answer = replyTo(id);
      stdin.write(`${JSON.stringify({ ...request, id })}\n`);
      return answer;
    },
    close: () => endChild(child, () => stdin.end()),
  };
}
