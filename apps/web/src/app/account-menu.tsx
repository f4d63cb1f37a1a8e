import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { sessionQuery, signOut } from '../api/session.ts';
import classes from './account-menu.module.css';

/** The user's name, light or dark, and signing out. */
export function AccountMenu() {
  const { data: session } = useQuery(sessionQuery);
  const leaving = useMutation({ mutationFn: signOut });
  return (
    <div className={classes.account}>
      <span className={classes.name} title={session ? `${session.username}, ${session.role}` : undefined}>
        {session?.username}
        <span className="muted small">{session?.role}</span>
      </span>
      <ColorSchemeButton />
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Sign out"
        title="Sign out"
        onClick={() => leaving.mutate()}
      >
        <IconLogout size={18} stroke={1.7} />
      </ActionIcon>
    </div>
  );
}

function ColorSchemeButton() {
  // Without this the library would write an inline style element, which the page's policy forbids.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const dark = useComputedColorScheme('light') === 'dark';
  const label = dark ? 'Use light colours' : 'Use dark colours';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <IconSun size={18} stroke={1.7} /> : <IconMoon size={18} stroke={1.7} />}
    </ActionIcon>
  );
}
