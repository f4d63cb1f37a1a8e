import { Button } from '@mantine/core';
import type { ServerClockState } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { believeServerClock, serverClockQuery } from '../../api/clock.ts';
import { queryClient } from '../../app/query-client.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { fullTime, spanWords } from '../../components/time-words.ts';
import { Warning } from '../../components/warning.tsx';

/** What the server knows of the time, and the way to tell it that its host's clock is right. */
export function ClockPanel() {
  const { data: clock, error, refetch } = useQuery(serverClockQuery);
  return (
    <Panel
      title="Server clock"
      note="Results, charts and retention go by it"
      actions={clock && (clock.problem !== null || clock.errorMs === null) && <Believe clock={clock} />}
    >
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      {clock?.problem && <Warning>{clock.problem.text}</Warning>}
      {clock && (
        <Facts
          wide
          facts={[
            ['Now', `${fullTime(Date.parse(clock.now))}${boundWords(clock)}`],
            ...(clock.problem === null
              ? []
              : ([["The host's clock", fullTime(Date.parse(clock.now) + clock.hostAheadMs)]] as const)),
            ['Confirmed by', WITNESSES[clock.witness ?? 'nobody'] ?? clock.witness ?? ''],
            ['Time service of the host', syncWords(clock.synchronised)],
            ...(clock.least === null
              ? ([['Deletes', 'Nothing yet: the time is not certain']] as const)
              : ([['Deletes', `What is past its retention at ${fullTime(Date.parse(clock.least))}`]] as const)),
          ]}
        />
      )}
    </Panel>
  );
}

const WITNESSES: Readonly<Record<string, string>> = {
  kernel: 'The time service of its host',
  peer: 'The clocks of agents on other hosts',
  day: 'A day without a step and without a contradiction',
  administrator: 'An administrator',
  kept: 'An earlier start since the host booted',
  nobody: 'Nobody yet',
};

const boundWords = ({ errorMs }: ServerClockState): string =>
  errorMs === null ? '' : `, at most ${errorMs < 1000 ? `${Math.ceil(errorMs)} ms` : spanWords(errorMs)} off`;

function syncWords(synchronised: boolean | null): string {
  if (synchronised === null) return 'The host does not say';
  return synchronised ? 'In step' : 'None, or not in step';
}

function Believe({ clock }: { readonly clock: ServerClockState }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        The clock is right
      </Button>
      <ConfirmDialog
        title="Use the clock of the server's host as it is?"
        action="Use the clock"
        harmless
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={() =>
          believeServerClock().then((state) => queryClient.setQueryData(serverClockQuery.queryKey, state))
        }
      >
        It shows {fullTime(Date.parse(clock.now) + clock.hostAheadMs)}. Results are dated by it from now on, and what is
        past its retention by it is deleted a day later.
      </ConfirmDialog>
    </>
  );
}
