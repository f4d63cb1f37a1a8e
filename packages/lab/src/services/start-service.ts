import { startBomb } from '../bombs/bomb-service.ts';
import type { ServiceConfig } from './config.ts';
import { startDns } from './dns-service.ts';
import { startEcho } from './echo-service.ts';
import { startHttp } from './http-service.ts';
import { startNtp } from './ntp-service.ts';
import { startPeer } from './odd-peer.ts';
import type { Service } from './service.ts';
import { startTls } from './tls-service.ts';

/** Starts one service in this process. */
export function startService(config: ServiceConfig): Promise<Service> {
  switch (config.kind) {
    case 'http':
    case 'https':
      return startHttp(config);
    case 'tls':
      return startTls(config);
    case 'dns':
      return startDns(config);
    case 'ntp':
      return startNtp(config);
    case 'tcp_echo':
    case 'udp_echo':
      return startEcho(config);
    case 'peer':
      return startPeer(config);
    case 'bomb':
      return startBomb(config);
  }
}
