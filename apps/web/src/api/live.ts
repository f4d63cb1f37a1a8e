import type { LiveEvents } from '@netsonde/protocol/api';
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { serverPath } from '../app/base-path.ts';
import { LiveStream } from './live-stream.ts';

/** The one stream of this page; open while a user is signed in. */
export const liveStream = new LiveStream(serverPath('api/v1/live'));

const subscribe = (listener: () => void) => liveStream.onState(listener);

/** Whether the shown data updates itself. */
export function useLiveState() {
  return useSyncExternalStore(subscribe, () => liveStream.state);
}

/** Grows by one each time the stream has connected. */
export function useLiveConnections(): number {
  return useSyncExternalStore(subscribe, () => liveStream.connections);
}

/** Calls `listener` for each event of that name while the component is on the page. */
export function useLiveEvent<Name extends keyof LiveEvents>(name: Name, listener: (event: LiveEvents[Name]) => void) {
  const latest = useEffectEvent(listener);
  useEffect(() => liveStream.on(name, (event) => latest(event)), [name]);
}
