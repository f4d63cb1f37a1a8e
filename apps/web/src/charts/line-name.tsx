import { useMemo } from 'react';
import type { ChartLine } from './chart-line.ts';
import classes from './line-name.module.css';
import { type LineEnds, lineNameParts, type NamePart } from './line-name-parts.ts';

type Parts = readonly NamePart[];
type LineNames = (line: ChartLine) => Readonly<Record<keyof LineEnds, Parts>>;

/** Names lines so that those of one group differ however little space there is. */
export function useLineNames(lines: readonly ChartLine[]): LineNames {
  return useMemo(() => {
    const groups = [...new Set(lines.map(({ group }) => group))];
    const parts = new Map(
      groups.map((group) => [group, lineNameParts(lines.filter((line) => line.group === group).map(endsOf))]),
    );
    return (line) => (parts.get(line.group) ?? lineNameParts([]))(endsOf(line));
  }, [lines]);
}

/** The agent and the target that it measures. */
export function LineName({ agent, target }: Readonly<Record<keyof LineEnds, Parts>>) {
  return (
    <span className={classes.name}>
      <NameParts parts={agent} />
      <span className={classes.arrow}>→</span>
      <NameParts parts={target} />
    </span>
  );
}

const NameParts = ({ parts }: { readonly parts: Parts }) =>
  parts.map(({ from, text, cut }) => (
    <span key={from} data-cut={cut}>
      {text}
    </span>
  ));

const endsOf = ({ agentName, address, instance }: ChartLine): LineEnds => ({
  agent: agentName,
  target: [address, instance].filter(Boolean).join(' · '),
});
