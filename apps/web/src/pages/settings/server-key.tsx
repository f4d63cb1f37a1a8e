import { Button } from '@mantine/core';
import type { ServerKeyState } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { beginServerKeyRotation, finishServerKeyRotation, serverKeyQuery } from '../../api/fleet-keys.ts';
import { queryClient } from '../../app/query-client.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { knowingWords, namesInWords } from './waiting-words.ts';

const keep = (state: ServerKeyState) => queryClient.setQueryData(serverKeyQuery.queryKey, state);

/** The key that agents know this server by, and its replacement. */
export function ServerKey() {
  const { data: key, error, refetch } = useQuery(serverKeyQuery);
  return (
    <Panel
      title="Server key"
      note="Agents know this server by it, whatever address they reach it at"
      actions={key && (key.former === null ? <BeginRotation /> : <FinishRotation waiting={key.waiting} />)}
    >
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      {key && (
        <Facts
          wide
          facts={[
            ['Fingerprint', <Fingerprint key="newest" text={key.fingerprint} />],
            ...(key.former === null
              ? []
              : ([
                  ['Former key, still good', <Fingerprint key="former" text={key.former} />],
                  ['Agents', knowingWords(key.waiting)],
                ] as const)),
          ]}
        />
      )}
    </Panel>
  );
}

const Fingerprint = ({ text }: { readonly text: string }) => (
  <span className="mono" style={{ overflowWrap: 'anywhere' }}>
    {text}
  </span>
);

function BeginRotation() {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        Make a new key
      </Button>
      <ConfirmDialog
        title="Make a new key of this server?"
        action="Make a new key"
        harmless
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => beginServerKeyRotation().then(keep)}
      >
        Agents learn the new key when they are connected; until you give up the former one both are good, and nothing is
        interrupted. Enrolment tokens that are still unused name the former key: make new ones.
      </ConfirmDialog>
    </>
  );
}

function FinishRotation({ waiting }: Pick<ServerKeyState, 'waiting'>) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        Give up the former key
      </Button>
      <ConfirmDialog
        title="Give up the former key?"
        action={waiting.length === 0 ? 'Give it up' : 'Give it up all the same'}
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => finishServerKeyRotation(waiting.length > 0).then(keep)}
      >
        {waiting.length === 0
          ? 'Every agent knows the new key. Unused enrolment tokens that were made before it are good for nothing afterwards.'
          : `These agents do not know the new key yet: ${namesInWords(waiting)}. They would not know this server any more and would have to be enrolled again. Better wait until they have been online.`}
      </ConfirmDialog>
    </>
  );
}
