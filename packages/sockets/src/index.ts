export { type Capture, type Frame, openCapture } from './capture/open-capture.ts';
export { echoCapabilities } from './echo/capabilities.ts';
export { type EchoEngine, openEchoEngine } from './echo/open-echo-engine.ts';
export type {
  EchoCapabilities,
  EchoCapability,
  EchoControl,
  EchoError,
  EchoProgress,
  EchoRequest,
  EchoTrain,
  EchoVia,
} from './echo/types.ts';
export { clockNs } from './kernel/clock.ts';
export { errnoName, NotSupportedError, SystemCallError } from './kernel/errors.ts';
export { type EventFd, openEventFd } from './kernel/eventfd.ts';
export { formatIpAddress, type IpAddress, type IpFamily, parseIpAddress } from './kernel/ip-address.ts';
export { whyNotSupported } from './kernel/libc.ts';
export { createNetworkNamespace, enterNetworkNamespace } from './kernel/namespace.ts';
export { type PollOutcome, type PollRequest, pollFds } from './kernel/poll.ts';
export { openPeerSocket } from './peer/open-peer-socket.ts';
export { peerRoundTrip } from './peer/peer-round-trip.ts';
export type { Arrival, Departure, Peer, PeerFailure, PeerListener, PeerSocket } from './peer/types.ts';
export { type PingDialect, type PingOutput, parsePingOutput } from './ping-command/parse-ping-output.ts';
export { pingTrain } from './ping-command/ping-train.ts';
export { openPty, type Pty } from './pty/open-pty.ts';
export { type LinkState, linkState } from './route/link-state.ts';
export { type NeighbourState, neighbourState, probeNeighbour } from './route/neighbour.ts';
export { type Route, routeTo } from './route/route-to.ts';
export type { StopSignal } from './stop-signal.ts';
export { socketFd } from './tcp/socket-fd.ts';
export { tcpInfo } from './tcp/tcp-info.ts';
export type { TcpInfo } from './tcp/tcp-info-types.ts';
export { pathMtu, setDscp, tcpCongestion, tcpMaxSegment } from './tcp/tcp-options.ts';
export { openTun, type Tun } from './tun/tun.ts';
export { openUdpEcho, type UdpEcho, type UdpEchoOptions } from './udp/open-udp-echo.ts';
export { openUdpSocket } from './udp/open-udp-socket.ts';
export { type RoundTrip, roundTrip } from './udp/round-trip.ts';
export type { UdpError, UdpEvent, UdpOptions, UdpReceived, UdpSent, UdpSocket } from './udp/types.ts';
