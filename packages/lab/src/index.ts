export type { Bomb } from './bombs/bomb.ts';
export { BOMBS, type BombConfig } from './bombs/bomb-service.ts';
export { DNS_BOMBS } from './bombs/dns-bombs.ts';
export { HTTP_BOMBS } from './bombs/http-bombs.ts';
export { type Authority, type Leaf, type LeafOptions, makeAuthority } from './certificates/authority.ts';
export type { ExecOptions, Finished, Host, Rights } from './namespaces/host.ts';
export { requireNamespaces } from './namespaces/preconditions.ts';
export { LAB_ADDRESSES, routerAddress, targetAddresses } from './network/addresses.ts';
export { type Capture, startCapture } from './network/capture.ts';
export { type Lab, type LabOptions, openLab } from './network/lab.ts';
export { measureOwnError, type OwnError, type Spread } from './network/own-error.ts';
export { type PairOfHosts, pairOfHosts } from './network/pair-of-hosts.ts';
export type {
  BurstLoss,
  Direction,
  Hop,
  JitterShape,
  MtuLimit,
  Path,
  ScriptedPacket,
  TosRewrite,
} from './network/path.ts';
export type { CapturedPacket } from './network/pcap.ts';
export { type RoundTrip, roundTripsOf } from './network/round-trips.ts';
export type { RunningServices } from './network/services-host.ts';
export { type EchoTruth, echoesOf } from './network/truth.ts';
export type { Fate, TravelDirection, TruthRecord } from './network/truth-record.ts';
export type { ServiceConfig } from './services/config.ts';
export type { DnsSeen, DnsTransport } from './services/dns-resolver.ts';
export type { DnsConfig } from './services/dns-service.ts';
export type { Rcode, Zone, ZoneEntry, ZoneRecord } from './services/dns-zone.ts';
export type { EchoConfig, EchoSeen } from './services/echo-service.ts';
export type { HttpBehaviour } from './services/http-behaviour.ts';
export type { HttpConfig, HttpSeen } from './services/http-service.ts';
export type { NtpConfig, NtpSeen } from './services/ntp-service.ts';
export type { PeerBehaviour, PeerConfig, PeerSeen } from './services/odd-peer.ts';
export type { Listening, Service, ServiceFacts } from './services/service.ts';
export { startService } from './services/start-service.ts';
export type { TlsSettings } from './services/tls-options.ts';
export type { TlsConfig, TlsSeen } from './services/tls-service.ts';
