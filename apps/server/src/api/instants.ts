/** Epoch ms as ISO 8601 with Z, as the API writes instants. */
export const iso = (epochMs: number): string => new Date(epochMs).toISOString();

export const isoOrNull = (epochMs: number | null): string | null => (epochMs === null ? null : iso(epochMs));

/** ISO 8601 as epoch ms. null: absent. */
export const epochOrNull = (instant: string | null | undefined): number | null =>
  instant === null || instant === undefined ? null : Date.parse(instant);
