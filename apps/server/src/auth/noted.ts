import { StoreError } from '../store/store-error.ts';

/**
 * Waits until it is written down that somebody was here. A store that cannot be written refuses nobody what they came
 * to read: what they want to change will tell them.
 */
export async function noted(writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}
