import { type Context, createContext, Script } from 'node:vm';

interface Sandbox {
  pattern: string;
  text: string;
}

const SCRIPT = 'new RegExp(pattern).test(text)';
let room: { readonly sandbox: Sandbox & Context; readonly script: Script } | null = null;

/**
 * Whether a text matches a pattern; null when this is not decided within `timeoutMs`. A pattern that backtracks
 * endlessly would block this thread forever. The script's time limit interrupts it, even during matching.
 */
export function matchesWithin(pattern: string, text: string, timeoutMs: number): boolean | null {
  room ??= { sandbox: createContext({ pattern: '', text: '' }) as Sandbox & Context, script: new Script(SCRIPT) };
  const { sandbox, script } = room;
  sandbox.pattern = pattern;
  sandbox.text = text;
  try {
    return script.runInContext(sandbox, { timeout: timeoutMs }) === true;
  } catch (error) {
    // It is thrown in the script's realm, so it need not be an Error of this one.
    if ((error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  } finally {
    sandbox.text = '';
  }
}
