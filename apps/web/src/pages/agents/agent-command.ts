/** The command that starts an agent and enrols it with this server. */
export function agentCommand(server: string, token: string): string {
  return `npx netsonde agent --server ${server} --token ${token}`;
}

/** Whether an address leads to the host itself, whichever host follows it. */
export const isLoopback = (address: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
