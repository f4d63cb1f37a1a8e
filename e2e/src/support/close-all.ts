/** Closes one after the other, each whatever became of those before it. @throws the first fault, when all were tried. */
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
