/** Closes one after the other, even where an earlier one fails. @throws the first error, after all were closed. */
export async function closeAll(closing: readonly (() => unknown)[]): Promise<void> {
  const faults: unknown[] = [];
  for (const close of closing)
    try {
      await close();
    } catch (error) {
      faults.push(error);
    }
  if (faults.length > 0) throw faults[0];
}
