/** The command that starts an agent and enrols it with this server. */
export function agentCommand(server: string, token: string): string {
  return `npx netsonde agent --server ${server} --token ${token}`;
}
