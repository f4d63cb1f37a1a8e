import { afterEach, beforeEach } from 'vitest';
import { closeAll } from '../support/close-all.ts';
import { type Ground, layGround } from './ground.ts';
import { layRealGround, type RealGround, type RealGroundOptions } from './real-ground.ts';

/** A ground of its own for each test of a file, and the server and the agent that the test starts on it. */
export interface RealGrounds {
  readonly ground: Ground;
  /** What a test opened beside them: closed after them, before the ground is. */
  readonly closing: (() => unknown)[];
  /** Starts them; they are killed when the test ends. */
  lay(options?: RealGroundOptions): Promise<RealGround>;
}

/** Call it once, at the top of a file. */
export function realGroundForEachTest(): RealGrounds {
  let ground: Ground | null = null;
  const closing: (() => unknown)[] = [];
  const now = () => {
    if (ground === null) throw new Error('the ground is laid when a test begins: use it within one');
    return ground;
  };
  beforeEach(async () => {
    ground = await layGround();
  });
  afterEach(async () => {
    const { close } = now();
    ground = null;
    await closeAll([...closing.splice(0), close]);
  });
  return {
    closing,
    get ground() {
      return now();
    },
    async lay(options) {
      const real = await layRealGround(now(), options);
      closing.unshift(real.close);
      return real;
    },
  };
}
