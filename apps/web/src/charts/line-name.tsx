import { useMemo } from 'react';
import type { ChartLine } from './chart-line.ts';
import classes from './line-name.module.css';
import { partsOf, type TextParts } from './line-name-parts.ts';

/** Names lines so that they differ however little space there is: the part that all `lines` share is cut first. */
export function useLineNames(lines: readonly ChartLine[]): (line: ChartLine) => LineNameParts {
  return useMemo(() => {
    const agent = partsOf(lines.map(({ agentName }) => agentName));
    const target = partsOf(lines.map(targetText));
    return (line) => ({ agent: agent(line.agentName), target: target(targetText(line)) });
  }, [lines]);
}

interface LineNameParts {
  readonly agent: TextParts;
  readonly target: TextParts;
}

/** The agent and the target that it measures. */
export function LineName({ agent, target }: LineNameParts) {
  return (
    <span className={classes.name}>
      <Parts {...agent} />
      <span className={classes.arrow}>→</span>
      <Parts {...target} />
    </span>
  );
}

function Parts({ head, own, tail }: TextParts) {
  return (
    <>
      {head !== '' && <span className={classes.shared}>{head}</span>}
      {own !== '' && <span className={classes.own}>{own}</span>}
      {tail !== '' && <span className={classes.shared}>{tail}</span>}
    </>
  );
}

const targetText = ({ address, instance }: ChartLine): string => [address, instance].filter(Boolean).join(' · ');
