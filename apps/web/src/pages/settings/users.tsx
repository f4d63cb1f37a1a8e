import { Button, NativeSelect } from '@mantine/core';
import { ROLES, type Role, type User } from '@netsonde/protocol/api';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { changeUser, deleteUser, usersQuery } from '../../api/access.ts';
import { queryClient } from '../../app/query-client.ts';
import { Ago } from '../../components/ago.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { PasswordForm } from './password-form.tsx';
import { UserForm } from './user-form.tsx';

const readAgain = () => queryClient.invalidateQueries({ queryKey: ['users'] });

type Doing = { readonly what: 'password' | 'delete'; readonly user: User } | { readonly what: 'add' } | null;

/** Users that may sign in, and their roles. */
export function Users({ ownName }: { readonly ownName: string | undefined }) {
  const users = useQuery(usersQuery);
  const [doing, setDoing] = useState<Doing>(null);
  const close = () => setDoing(null);
  const changing = useMutation({
    mutationFn: ({ id, role }: { id: number; role: Role }) => changeUser(id, { role }),
    onSettled: readAgain,
  });
  const user = doing !== null && 'user' in doing ? doing.user : undefined;
  return (
    <Panel
      title="People"
      note="Viewers look, editors also change tests, admins also add agents and people"
      actions={
        <Button size="xs" onClick={() => setDoing({ what: 'add' })}>
          Add a person
        </Button>
      }
      flush
    >
      {changing.isError && <ProblemNotice error={changing.error} />}
      {users.isError && <ProblemNotice error={users.error} retry={() => void users.refetch()} />}
      <DataTable
        caption="Users"
        rows={users.data}
        rowKey={({ id }) => id}
        empty={null}
        columns={[
          {
            key: 'name',
            label: 'Name',
            cell: ({ username }) => (username === ownName ? <b>{username} (you)</b> : username),
          },
          {
            key: 'role',
            label: 'Role',
            cell: ({ id, username, role }) => (
              <NativeSelect
                size="xs"
                aria-label={`Role of ${username}`}
                data={[...ROLES]}
                value={role}
                onChange={(event) => changing.mutate({ id, role: event.currentTarget.value as Role })}
              />
            ),
          },
          { key: 'since', label: 'Since', numeric: true, minor: true, cell: ({ createdAt }) => <Ago at={createdAt} /> },
          {
            key: 'actions',
            label: '',
            numeric: true,
            cell: (row) => (
              <span className="row" style={{ justifyContent: 'flex-end' }}>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`New password for ${row.username}`}
                  onClick={() => setDoing({ what: 'password', user: row })}
                >
                  New password
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Delete ${row.username}`}
                  onClick={() => setDoing({ what: 'delete', user: row })}
                >
                  Delete
                </Button>
              </span>
            ),
          },
        ]}
      />
      <Dialog title="Add a person" opened={doing?.what === 'add'} onClose={close}>
        <UserForm done={() => readAgain().then(close)} />
      </Dialog>
      <Dialog title={`New password for ${user?.username ?? ''}`} opened={doing?.what === 'password'} onClose={close}>
        {user !== undefined && <PasswordForm user={user} done={close} />}
      </Dialog>
      <ConfirmDialog
        title={`Delete ${user?.username ?? ''}?`}
        action="Delete"
        opened={doing?.what === 'delete'}
        onClose={close}
        onConfirm={async () => {
          if (user !== undefined) await deleteUser(user.id);
          await readAgain();
        }}
      >
        They are signed out at once and can no longer sign in. What they made stays.
      </ConfirmDialog>
    </Panel>
  );
}
