import { describe, expect, test } from 'vitest';
import { gatewayTo, isUnanswered } from './silent-gateway.ts';

const number = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Written after the columns that Linux documents for proc(5): addresses in hexadecimal, least significant byte first. */
const ROUTES = [
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
  'eth0\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0',
  'eth0\t0002000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0',
  'eth1\t00007A0A\t0902000A\t0003\t0\t0\t20\t0000FFFF\t0\t0\t0',
  'eth1\t00007A0A\t0802000A\t0003\t0\t0\t10\t0000FFFF\t0\t0\t0',
].join('\n');
const ARP = [
  'IP address       HW type     Flags       HW address            Mask     Device',
  '10.0.2.1         0x1         0x0         00:00:00:00:00:00     *        eth0',
  '10.0.2.8         0x1         0x2         02:00:00:00:00:08     *        eth1',
].join('\n');

describe('the gateway towards an address', () => {
  test('is that of the most specific route, the cheaper one of two alike', () => {
    expect(gatewayTo(number('198.51.100.7'), ROUTES)).toBe('10.0.2.1');
    expect(gatewayTo(number('10.122.3.4'), ROUTES)).toBe('10.0.2.8');
  });

  test('is none on the link itself, or without a route', () => {
    expect(gatewayTo(number('10.0.2.77'), ROUTES)).toBeNull();
    expect(gatewayTo(number('198.51.100.7'), ROUTES.split('\n').slice(0, 1).join('\n'))).toBeNull();
  });

  test('is silent when ARP was asked and not answered', () => {
    expect(isUnanswered('10.0.2.1', ARP)).toBe(true);
    expect(isUnanswered('10.0.2.8', ARP)).toBe(false);
    expect(isUnanswered('10.0.2.9', ARP)).toBe(false);
  });
});
