import type { BombConfig } from '../bombs/bomb-service.ts';
import type { DnsConfig } from './dns-service.ts';
import type { EchoConfig } from './echo-service.ts';
import type { HttpConfig } from './http-service.ts';
import type { NtpConfig } from './ntp-service.ts';
import type { PeerConfig } from './odd-peer.ts';
import type { ServiceFacts } from './service.ts';
import type { TlsConfig } from './tls-service.ts';

/** One service to run. `kind` says which; everything else has a default. */
export type ServiceConfig = HttpConfig | TlsConfig | DnsConfig | NtpConfig | EchoConfig | PeerConfig | BombConfig;

/** Requests to the services process, one JSON line each. */
export type ServiceRequest = { id: number } & ServiceRequestBody;
export type ServiceRequestBody = { kind: 'seen'; index: number };

/** Its answers. `id` 0 carries the facts when all services run. */
export interface ServiceReply {
  readonly id: number;
  readonly facts?: readonly ServiceFacts[];
  readonly seen?: readonly unknown[];
}
