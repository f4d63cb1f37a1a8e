import { DNAME, TYPE_NUMBERS } from './record-types.ts';

/** The parts of a record that decide whether it answers: names in lower case, without the last dot. */
interface Named {
  readonly owner: string;
  readonly type: number;
  /** For an alias, the name that it points to. */
  readonly data: string;
}

/**
 * The records that answer a question: those of the requested type at the end of the alias chain that starts at the
 * name, and the aliases in between. Order does not matter, and a loop ends the chain.
 * Source: RFC 1034 section 4.3.2 (CNAME), RFC 6672 section 3.1 (DNAME with the CNAME made from it)
 */
export function answeringRecords<Record extends Named>(
  name: string,
  type: number,
  records: readonly Record[],
): ReadonlySet<Record> {
  const byOwner = grouped(records);
  const answering = new Set<Record>();
  const seen = new Set<string>();
  for (let owner: string | null = name; owner !== null && !seen.has(owner); ) {
    seen.add(owner);
    const here: readonly Record[] = byOwner.get(owner) ?? [];
    const wanted = here.filter((record) => record.type === type);
    for (const record of wanted) answering.add(record);
    const renaming: Record | null = redirectionOf(owner, byOwner);
    if (renaming !== null) answering.add(renaming);
    if (wanted.length > 0) break;
    const alias = here.find((record) => record.type === TYPE_NUMBERS.CNAME);
    if (alias !== undefined) answering.add(alias);
    owner = alias?.data ?? (renaming === null ? null : renamed(owner, renaming));
  }
  return answering;
}

function grouped<Record extends Named>(records: readonly Record[]): ReadonlyMap<string, readonly Record[]> {
  const byOwner = new Map<string, Record[]>();
  for (const record of records) {
    const same = byOwner.get(record.owner);
    if (same === undefined) byOwner.set(record.owner, [record]);
    else same.push(record);
  }
  return byOwner;
}

/** The DNAME of the closest name above this one; a DNAME does not apply to its own name or to siblings. */
function redirectionOf<Record extends Named>(
  name: string,
  byOwner: ReadonlyMap<string, readonly Record[]>,
): Record | null {
  for (let above = parentOf(name); above !== null; above = parentOf(above)) {
    const found = byOwner.get(above)?.find((record) => record.type === DNAME);
    if (found !== undefined) return found;
  }
  return null;
}

function renamed(name: string, { owner, data }: Named): string {
  const kept = owner === '' ? `${name}.` : name.slice(0, name.length - owner.length);
  return data === '' ? kept.slice(0, -1) : kept + data;
}

/** The name without its first label; null for the root. An escaped dot (after a backslash) is part of a label. */
function parentOf(name: string): string | null {
  if (name === '') return null;
  const first = /^(?:[^.\\]|\\.)*\./.exec(name);
  return first === null ? '' : name.slice(first[0].length);
}
