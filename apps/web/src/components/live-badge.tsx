import { IconBroadcast, IconRefreshAlert } from '@tabler/icons-react';
import { useLiveState } from '../api/live.ts';
import classes from './live-badge.module.css';

const WORDS = { live: 'Live', connecting: 'Connecting', reconnecting: 'Reconnecting' } as const;

/** Whether the page updates itself. Figures stay on screen while it reconnects. */
export function LiveBadge() {
  const state = useLiveState();
  const Icon = state === 'live' ? IconBroadcast : IconRefreshAlert;
  return (
    <span className={classes.badge} data-state={state} role="status">
      <Icon size={16} stroke={1.8} aria-hidden />
      {WORDS[state]}
    </span>
  );
}
