import { StoreError } from '../store/store-error.ts';

/**
 * Waits until the caller's last use is stored. If the store cannot be written, the failure is ignored, so that reads
 * still work: a write will report it.
 */
export async function noted(writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}
