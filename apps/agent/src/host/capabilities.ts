import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Capability } from '@netsonde/probes/catalog';
import type { AgentCapability } from '@netsonde/protocol';
import { type EchoCapability, echoCapabilities, whyNotSupported } from '@netsonde/sockets';

/** What this host lets the agent do, tested just now. For what is missing, the command that fixes it. */
export function agentCapabilities(): readonly AgentCapability[] {
  const { ipv4, ipv6 } = echoCapabilities();
  const unsupported = whyNotSupported();
  return [
    echo('icmp4', ipv4),
    echo('icmp6', ipv6),
    kernel('kernel_timestamps', 'SO_TIMESTAMPING', unsupported),
    kernel('tcp_info', 'TCP_INFO', unsupported),
    kernel('udp_error_queue', 'IP_RECVERR', unsupported),
    systemPing(),
  ];
}

function echo(id: Capability, capability: EchoCapability): AgentCapability {
  if (capability.via !== 'absent') return { id, available: true, note: capability.via };
  const { message, remedy } = capability;
  return {
    id,
    available: false,
    note: message.slice(0, 300),
    ...(remedy === undefined ? {} : { mend: remedy.slice(0, 300) }),
  };
}

function kernel(id: Capability, call: string, unsupported: string | undefined): AgentCapability {
  return { id, available: unsupported === undefined, note: (unsupported ?? call).slice(0, 300) };
}

function systemPing(): AgentCapability {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'ping'))
    .find(isExecutable);
  return found === undefined
    ? { id: 'system_ping', available: false, note: 'no ping program in PATH' }
    : { id: 'system_ping', available: true, note: found };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
