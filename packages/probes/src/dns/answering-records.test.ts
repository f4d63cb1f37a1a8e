import { describe, expect, it } from 'vitest';
import { answeringRecords } from './answering-records.ts';

const [A, CNAME, DNAME] = [1, 5, 39];
const record = (owner: string, type: number, data: string) => ({ owner, type, data });

describe('the records that answer a question', () => {
  it('are found along aliases in any order', () => {
    const chain = [
      record('c.test', A, '192.0.2.1'),
      record('b.test', CNAME, 'c.test'),
      record('a.test', CNAME, 'b.test'),
    ];
    const stray = record('d.test', A, '192.0.2.2');
    expect([...answeringRecords('a.test', A, [stray, ...chain])]).toEqual([chain[2], chain[1], chain[0]]);
  });

  it('of a question for aliases are the alias alone', () => {
    const chain = [record('a.test', CNAME, 'b.test'), record('b.test', CNAME, 'c.test')];
    expect([...answeringRecords('a.test', CNAME, chain)]).toEqual([chain[0]]);
  });

  it.each([
    ['x.old.test', 'x.new.test'],
    ['y.x.old.test', 'y.x.new.test'],
  ])('include a DNAME above %s, with the alias made from it or without', (asked, renamed) => {
    const redirection = record('old.test', DNAME, 'new.test');
    const found = record(renamed, A, '192.0.2.1');
    const made = record(asked, CNAME, renamed);
    expect([...answeringRecords(asked, A, [redirection, found])]).toEqual([redirection, found]);
    expect([...answeringRecords(asked, A, [redirection, made, found])]).toEqual([redirection, made, found]);
  });

  it('do not include a DNAME at the name itself, or beside it', () => {
    const records = [record('old.test', DNAME, 'new.test'), record('new.test', A, '192.0.2.1')];
    expect([...answeringRecords('old.test', A, records)]).toEqual([]);
    expect([...answeringRecords('cold.test', A, records)]).toEqual([]);
    expect([...answeringRecords('a\\.old.test', A, records)]).toEqual([]);
  });

  it('include a DNAME at the root, and one to the root', () => {
    const fromRoot = [record('', DNAME, 'new.test'), record('a.new.test', A, '192.0.2.1')];
    expect([...answeringRecords('a', A, fromRoot)]).toEqual(fromRoot);
    const toRoot = [record('old.test', DNAME, ''), record('a', A, '192.0.2.1')];
    expect([...answeringRecords('a.old.test', A, toRoot)]).toEqual(toRoot);
  });

  it('are found in time that grows with their number only', () => {
    const chain = Array.from({ length: 5000 }, (_, at) => record(`n${at}`, CNAME, `n${at + 1}`));
    expect(answeringRecords('n0', A, chain).size).toBe(5000);
  });
});
