import { type Delays, isMeasured } from './delays.ts';

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} must be a whole number of packets, 0 or more, got ${value}`);
  }
}

/**
 * Share of the packets sent that did not arrive within the waiting time of the measurement, in percent, 0 to 100.
 * Undefined when nothing was sent: no packet, no loss ratio. `received` counts packets, not copies: duplicates are
 * counted apart, and a reply that comes after the waiting time is lost and counted as late.
 * A round trip cannot tell which direction lost the packet, so from echoes this is the loss of the round trip.
 *
 * Source: RFC 7680 (loss within a stated waiting time; a packet that arrives more than once is received).
 * @throws RangeError when a count is no whole number or more packets were received than sent.
 */
export function lossPct(sent: number, received: number): number | undefined {
  checkCount('sent', sent);
  checkCount('received', received);
  if (received > sent) {
    throw new RangeError(`received (${received}) is more than sent (${sent}): count duplicates apart`);
  }
  return sent === 0 ? undefined : (100 * (sent - received)) / sent;
}

/**
 * BurstR of the E-model: mean length of the runs of lost packets, over the mean length that random loss of the same
 * ratio would give, which is 1 / (1 - ratio). No unit. About 1 for random loss, larger for bursts; a short series can
 * give less than 1. Undefined when nothing was lost, nothing was received or nothing was sent.
 * @param delays in sending order, lost packets as null.
 *
 * Source: ITU-T G.107, effective equipment impairment factor (definition of BurstR).
 */
export function burstRatio(delays: Delays): number | undefined {
  let lost = 0;
  let bursts = 0;
  let inBurst = false;
  for (let i = 0; i < delays.length; i++) {
    const isLost = !isMeasured(delays[i]);
    if (isLost) lost++;
    if (isLost && !inBurst) bursts++;
    inBurst = isLost;
  }
  if (bursts === 0 || lost === delays.length) return undefined;
  return (lost / bursts) * (1 - lost / delays.length);
}
