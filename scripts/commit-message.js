import { readFileSync } from 'node:fs';
import { fail } from './steps.js';

/** Checks the message in a file, as Git's `commit-msg` hook gives it: `area: summary`, 72 characters, one change. */
const LONGEST = 72;
try {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error('give the file of a commit message');
  const [subject = '', second = ''] = readFileSync(file, 'utf8').split('\n');
  const faults = [];
  if (!/^(Merge |Revert |fixup! |squash! )/.test(subject)) {
    if (!/^[a-z0-9][\w/., -]*: \S/.test(subject)) faults.push('the subject must be "area: what the change does"');
    if (subject.length > LONGEST) faults.push(`the subject has ${subject.length} characters: at most ${LONGEST}`);
    if (subject.includes(';')) faults.push('the subject has a semicolon: make one commit per change');
    if (second.trim() !== '') faults.push('leave the second line empty');
  }
  if (faults.length > 0) throw new Error(`commit message: ${faults.join('. ')}`);
} catch (error) {
  fail(error);
}
