import { Button, TextInput } from '@mantine/core';
import type { Agent } from '@netsonde/protocol/api';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changeAgent, revokeAgent } from '../../api/agents.ts';
import { fieldError } from '../../api/api-error.ts';
import { acceptMove, rotateAgentKey } from '../../api/fleet-keys.ts';
import { useMay } from '../../api/session.ts';
import { queryClient } from '../../app/query-client.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { labelText, parseLabels } from '../../components/label-text.ts';
import { ProblemNotice } from '../../components/problem-notice.tsx';

const readAgain = () => queryClient.invalidateQueries({ queryKey: ['agents'] });

/** Rename, label, give a new key, revoke. */
export function AgentActions({ agent }: { readonly agent: Agent }) {
  const [editing, setEditing] = useState(false);
  const [revoking, setRevoking] = useState(false);
  const [renewing, setRenewing] = useState(false);
  const [moving, setMoving] = useState(false);
  const mayRevoke = useMay('admin');
  return (
    <>
      <Button variant="default" onClick={() => setEditing(true)}>
        Name and labels
      </Button>
      {mayRevoke && (
        <>
          {agent.clone !== null && (
            <Button variant="default" onClick={() => setMoving(true)}>
              It was moved
            </Button>
          )}
          <Button variant="default" onClick={() => setRenewing(true)}>
            New key
          </Button>
          <Button variant="default" onClick={() => setRevoking(true)}>
            Revoke
          </Button>
        </>
      )}
      <Dialog title="Name and labels" opened={editing} onClose={() => setEditing(false)}>
        <EditForm agent={agent} close={() => setEditing(false)} />
      </Dialog>
      <ConfirmDialog
        title={`Was ${agent.name} moved to ${agent.clone?.address ?? 'another host'}?`}
        action="It was moved there"
        opened={moving}
        onClose={() => setMoving(false)}
        onConfirm={() => acceptMove(agent.id).then(readAgain)}
      >
        The host or folder that has this agent's key and was held as a copy has the agent's name from now on. The one
        that has it now is held as a copy. The results stay.
      </ConfirmDialog>
      <ConfirmDialog
        title={`Give ${agent.name} a new key?`}
        action="Give it a new key"
        harmless
        opened={renewing}
        onClose={() => setRenewing(false)}
        onConfirm={() => rotateAgentKey(agent.id)}
      >
        The agent makes a new key for itself. It stays the same agent, with its results and its checks; the old key is
        good until the new one has been used. It must be online for this.
      </ConfirmDialog>
      <ConfirmDialog
        title={`Revoke ${agent.name}?`}
        action="Revoke"
        opened={revoking}
        onClose={() => setRevoking(false)}
        onConfirm={() => revokeAgent(agent.id).then(readAgain)}
      >
        Its key is no longer accepted: it stops reporting for good and must be enrolled again to return. Its results
        stay.
      </ConfirmDialog>
    </>
  );
}

function EditForm({ agent, close }: { readonly agent: Agent; readonly close: () => void }) {
  const [name, setName] = useState(agent.name);
  const [labels, setLabels] = useState(labelText(agent.labels));
  const [labelsError, setLabelsError] = useState<string>();
  const saving = useMutation({
    mutationFn: (change: Parameters<typeof changeAgent>[1]) => changeAgent(agent.id, change),
    onSuccess: () => readAgain().then(close),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      saving.mutate({ name, labels: { ...parseLabels(labels) } });
      setLabelsError(undefined);
    } catch (error) {
      setLabelsError(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form className="stack" onSubmit={submit}>
      {saving.isError && <ProblemNotice error={saving.error} />}
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldError(saving.error, 'name')}
        maxLength={100}
        required
        data-autofocus
      />
      <TextInput
        label="Labels"
        description="key=value, apart by spaces. Tests can choose their agents by them."
        placeholder="site=lyon tier=edge"
        value={labels}
        onChange={(event) => setLabels(event.currentTarget.value)}
        error={labelsError ?? fieldError(saving.error, 'labels')}
      />
      <Button type="submit" loading={saving.isPending} style={{ alignSelf: 'flex-end' }}>
        Save
      </Button>
    </form>
  );
}
