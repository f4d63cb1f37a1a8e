import { type Host, makeHost } from '../namespaces/host.ts';
import { requireNamespaces } from '../namespaces/preconditions.ts';

/** Two hosts on one virtual cable, with nothing emulated between them. */
export interface PairOfHosts {
  readonly measuring: Host;
  readonly far: Host & { readonly address4: string; readonly address6: string };
  /** The cable's device, the same name in both hosts. */
  readonly device: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEVICE = 'cable';

/** Makes the pair. Needs root or user namespaces; throws an Error that names what is missing. */
export async function pairOfHosts(): Promise<PairOfHosts> {
  const privilege = requireNamespaces();
  const first = await makeHost('measuring', privilege);
  const second = await makeHost('far', privilege, first.host).catch(async (error: unknown) => {
    await first.keeper.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await second.keeper.close();
    await first.keeper.close();
  };
  try {
    await first.host.ip([`link add ${DEVICE} type veth peer name ${DEVICE} netns ${second.host.pid}`]);
    await first.host.ip(endOf('10.201.0.2/24', 'fd00:201::2/64'));
    await second.host.ip(endOf('10.201.0.1/24', 'fd00:201::1/64'));
  } catch (error) {
    await close();
    throw error;
  }
  const far = { ...second.host, address4: '10.201.0.1', address6: 'fd00:201::1' };
  return { measuring: first.host, far, device: DEVICE, close, [Symbol.asyncDispose]: close };
}

function endOf(address4: string, address6: string): string[] {
  return [
    `address add ${address4} dev ${DEVICE}`,
    `address add ${address6} dev ${DEVICE} nodad`,
    `link set ${DEVICE} up`,
  ];
}
