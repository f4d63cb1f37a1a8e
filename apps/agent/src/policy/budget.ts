import type { Cost } from '@netsonde/probes/catalog';
import type { BudgetLimits } from './budget-limits.ts';
import { ByteBudget } from './byte-budget.ts';
import { PacketRate } from './packet-rate.ts';

export interface BudgetClock {
  wallMs(): number;
  monotonicMs(): number;
}

/** What the owner lets the agent spend. */
export interface Budget {
  /** Returns null where the run may begin, and counts what it costs at most. Otherwise returns why it may not. */
  refusal(cost: Pick<Cost, 'packets' | 'bytes' | 'seconds'>): string | null;
  close(): void;
}

/** Opens the owner's limits. Where bytes are limited, it makes the file that counts them. @throws Error */
export function openBudget(path: string, limits: BudgetLimits, clock: BudgetClock): Budget {
  const { packetsPerSecond, bytesPerHour, bytesPerDay } = limits;
  const rate = packetsPerSecond === null ? null : new PacketRate(packetsPerSecond, clock.monotonicMs());
  const counted = bytesPerHour !== null || bytesPerDay !== null;
  const bytes = counted ? openBytes(path, limits, clock) : null;
  return {
    refusal: (cost) =>
      bytes?.refusal(cost.bytes, clock.wallMs()) ??
      rate?.refusal(cost.packets, cost.seconds, clock.monotonicMs()) ??
      spent(bytes, cost.bytes, path),
    close: () => bytes?.close(),
  };
}

function openBytes(path: string, limits: BudgetLimits, clock: BudgetClock): ByteBudget {
  try {
    return new ByteBudget(path, limits, clock.wallMs());
  } catch (error) {
    throw new Error(
      `the limits of bytes in the policy cannot be kept: ${path} cannot be opened (${error instanceof Error ? error.message : error}): fix that, or remove the limits`,
    );
  }
}

function spent(budget: ByteBudget | null, bytes: number, path: string): string | null {
  try {
    budget?.spend(bytes);
    return null;
  } catch (error) {
    return `what is spent cannot be written to ${path} (${error instanceof Error ? error.message : error}): fix the disk`;
  }
}
