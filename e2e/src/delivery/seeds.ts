/** The seed of this run. A soak run sets another one for each round. */
export const SEED = Number(process.env.NETSONDE_TEST_SEED ?? 1);

/** Numbers in [0, 1) that are the same in each run with the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < 4; i += 1) next();
  return next;
}

/** The items in random order. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
