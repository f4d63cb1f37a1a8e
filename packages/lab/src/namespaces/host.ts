import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { type Keeper, startKeeper } from './keeper.ts';
import { type Privilege, searchPath, unshareFlags } from './preconditions.ts';

/** The outcome of a program that has ended. */
export interface Finished {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The privileges of a program. */
export interface Rights {
  /** True: only those of a plain user (as root: user and group nobody; in a user namespace: no capabilities). */
  readonly unprivileged?: boolean;
}

export interface ExecOptions extends Rights {
  /** Text for its standard input. */
  readonly input?: string;
  /** Killed after this long, ms; 60,000 when absent. */
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** A host of the lab: a network namespace with its own network stack. */
export interface Host {
  readonly name: string;
  /** The process that holds the namespace; `/proc/<pid>/ns/net` is the namespace. */
  readonly pid: number;
  /** The command line that runs a program inside, for callers that start processes themselves. */
  command(program: string, args?: readonly string[], rights?: Rights): { file: string; args: string[] };
  /** Runs a program inside until it ends. A non-zero exit code is not an error. */
  exec(program: string, args?: readonly string[], options?: ExecOptions): Promise<Finished>;
  /** Starts a program inside; it dies with the process that started it. */
  spawn(program: string, args?: readonly string[], options?: SpawnOptions & Rights): ChildProcess;
  /** Writes a network setting of this host, for example `net.ipv4.ping_group_range`. */
  sysctl(name: string, value: string): Promise<void>;
  /** Runs `ip` commands, one per line. @throws the error output of `ip` */
  ip(commands: readonly string[]): Promise<void>;
}

/** Makes a host with its own user namespace, or within that of `beside` (hosts that share devices must share it). */
export async function makeHost(
  name: string,
  privilege: Privilege,
  beside?: Host,
): Promise<{ host: Host; keeper: Keeper }> {
  const keeper =
    beside === undefined || privilege === 'root'
      ? await startKeeper('unshare', unshareFlags(privilege))
      : await startKeeper('nsenter', [...enterFlags(beside.pid, privilege), 'unshare', '--net']);
  const host = hostAround(name, keeper.pid, privilege);
  await host.ip(['link set lo up']);
  return { host, keeper };
}

function enterFlags(pid: number, privilege: Privilege): string[] {
  const net = `--net=/proc/${pid}/ns/net`;
  return privilege === 'root' ? [net] : [`--user=/proc/${pid}/ns/user`, '--preserve-credentials', net];
}

function rightsFlags(privilege: Privilege, rights: Rights): string[] {
  const flags = ['--pdeathsig', 'KILL'];
  if (!rights.unprivileged) return flags;
  const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  return [...flags, ...(privilege === 'root' ? nobody : ['--bounding-set', '-all'])];
}

function hostAround(name: string, pid: number, privilege: Privilege): Host {
  const command: Host['command'] = (program, args = [], rights = {}) => ({
    file: 'nsenter',
    args: [...enterFlags(pid, privilege), 'setpriv', ...rightsFlags(privilege, rights), '--', program, ...args],
  });
  const start: Host['spawn'] = (program, args, { unprivileged = false, ...options } = {}) => {
    const line = command(program, args, { unprivileged });
    return spawn(line.file, line.args, { ...options, env: options.env ?? searchPath() });
  };
  const exec: Host['exec'] = (program, args, options = {}) =>
    finish(start(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] }), options);
  return {
    name,
    pid,
    command,
    exec,
    spawn: start,
    async sysctl(setting, value) {
      const file = `/proc/sys/${setting.replaceAll('.', '/')}`;
      const { code, stderr } = await exec('tee', [file], { input: value });
      if (code !== 0) throw new Error(`${name}: cannot set ${setting} to ${value}: ${stderr.trim()}`);
    },
    async ip(commands) {
      const { code, stderr } = await exec('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n` });
      if (code !== 0) throw new Error(`${name}: ip failed: ${stderr.trim()} in: ${commands.join('; ')}`);
    },
  };
}

function finish(child: ChildProcess, options: ExecOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}
