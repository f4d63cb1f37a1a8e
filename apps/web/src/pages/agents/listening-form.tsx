import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { fieldError } from '../../api/api-error.ts';
import { addListeningAgent, listeningAgentsQuery } from '../../api/fleet-keys.ts';
import { queryClient } from '../../app/query-client.ts';
import { ProblemNotice } from '../../components/problem-notice.tsx';

/** Adds the address of an agent that listens: the server dials it from then on. */
export function ListeningForm({ close }: { readonly close: () => void }) {
  const [url, setUrl] = useState('');
  const adding = useMutation({
    mutationFn: addListeningAgent,
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: listeningAgentsQuery.queryKey });
      close();
    },
  });
  const wrongUrl = fieldError(adding.error, 'url');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    adding.mutate(url.trim());
  };
  return (
    <form className="stack" onSubmit={submit}>
      {adding.isError && wrongUrl === undefined && <ProblemNotice error={adding.error} />}
      <TextInput
        label="Where does it listen?"
        description="https:// where the agent has a certificate, else http://"
        placeholder="https://host:5001"
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        error={wrongUrl}
        maxLength={300}
        required
      />
      <p className="muted small">
        The server tries until an agent answers there that has the token or is enrolled. Its progress is shown in the
        list of agents that listen.
      </p>
      <Button type="submit" loading={adding.isPending} style={{ alignSelf: 'flex-end' }}>
        Dial it
      </Button>
    </form>
  );
}
