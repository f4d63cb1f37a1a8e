/** The command that starts an agent and enrols it with this server. */
export function agentCommand(server: string, token: string): string {
  return `npx netsonde agent --server ${server} --token ${token}`;
}

/** The command that starts an agent that waits for this server to dial it. */
export function listenCommand(token: string): string {
  return `npx netsonde agent --listen 0.0.0.0:5001 --token ${token}`;
}

/** Whether an address means the host itself, on any host that uses it. */
export const isLoopback = (address: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
