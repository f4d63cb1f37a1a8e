import type { Agent } from '@netsonde/protocol/api';
import { Ago } from '../../components/ago.tsx';
import { hasDialFailure } from '../../components/dial-failures.ts';
import { Warning } from '../../components/warning.tsx';

/** Problems of the agent: a wrong clock, a copy of it elsewhere, or a server that cannot dial it. */
export function AgentWarnings({ agent: { clone, listening, clock } }: { readonly agent: Agent }) {
  return (
    <>
      {clock?.problem && <Warning>{clock.problem.text}</Warning>}
      {clone !== null && (
        <Warning>
          Another host or folder at {clone.address} tried to connect with this agent's key, last <Ago at={clone.at} />.
          Nothing of it is stored. If the data folder was copied, enrol that host with a token of its own and an empty
          data folder. If the agent was moved there, say so with "It was moved".
        </Warning>
      )}
      {listening !== null && hasDialFailure(listening) && (
        <Warning>
          The server cannot reach {listening.url}: {listening.lastError} (<Ago at={listening.lastErrorAt} />)
        </Warning>
      )}
    </>
  );
}
