/** Words for errors of system calls and resolvers. Source: errno(3), getaddrinfo(3) */
const ERRNO: Readonly<Record<string, string>> = {
  EACCES: 'not permitted',
  EADDRINUSE: 'the local address is in use',
  EADDRNOTAVAIL: 'no local address or port is available',
  EAFNOSUPPORT: 'the host lacks this address family',
  EAI_ADDRFAMILY: 'the name has no address of that family',
  EAI_AGAIN: 'the resolver did not answer',
  EAI_FAIL: 'the resolver failed',
  EAI_NODATA: 'the name has no address',
  EAI_NONAME: 'the name does not exist',
  ECONNABORTED: 'the connection was aborted',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTDOWN: 'the host is down',
  EHOSTUNREACH: 'the host is not reachable',
  EINVAL: 'the system does not accept this call',
  EIO: 'reading or writing failed',
  EMFILE: 'too many open files in this process',
  EMSGSIZE: 'the packet is too large for the path',
  ENETDOWN: 'the network is down',
  ENETUNREACH: 'the network is not reachable',
  ENFILE: 'too many open files on this host',
  ENOBUFS: 'no buffer space is left',
  ENODATA: 'the name has no record of that type',
  ENOENT: 'no such file',
  ENOMEM: 'no memory is left',
  ENONET: 'the host is not on the network',
  ENOPROTOOPT: 'the protocol is not available',
  ENOSPC: 'the disk is full',
  ENOTFOUND: 'the name does not exist',
  EOPNOTSUPP: 'not supported on this socket',
  EPERM: 'not permitted',
  EPIPE: 'the connection was closed by the far end',
  EPROTO: 'the answer broke the protocol',
  EPROTONOSUPPORT: 'the protocol is not supported',
  ETIMEDOUT: 'no answer in time',
};

/** Words for response codes of DNS. Source: the registry "DNS RCODEs" of IANA */
const RESPONSE: Readonly<Record<string, string>> = {
  FORMERR: 'the server could not read the query',
  SERVFAIL: 'the name server failed',
  NXDOMAIN: 'the name does not exist',
  NOTIMP: 'the server does not implement this kind of query',
  REFUSED: 'the server refused the query',
  YXDOMAIN: 'the name exists although it should not',
  YXRRSET: 'the records exist although they should not',
  NXRRSET: 'the records do not exist although they should',
  NOTAUTH: 'the server is not authoritative, or the query is not authorised',
  NOTZONE: 'the name is not in the zone',
  DSOTYPENI: 'this kind of stateful operation is not implemented',
  BADVERS: 'the server lacks this version of EDNS',
  BADKEY: 'the key is not recognised',
  BADTIME: 'the signature is outside of its time window',
  BADMODE: 'the key exchange has a wrong mode',
  BADNAME: 'the key has a name that exists already',
  BADALG: 'the algorithm is not supported',
  BADTRUNC: 'the signature was cut short wrongly',
  BADCOOKIE: 'the server wants a valid DNS cookie',
};

/** Words for ICMP errors, by type and code. Source: RFC 1122 section 3.2.2.1; codes 13 to 15 as public programs agree on them */
const ICMP: Readonly<Record<string, string>> = {
  '3 0': 'network unreachable',
  '3 1': 'host unreachable',
  '3 2': 'protocol unreachable',
  '3 3': 'port unreachable',
  '3 4': 'packet too large, and not to be fragmented',
  '3 5': 'source route failed',
  '3 6': 'network unknown',
  '3 7': 'host unknown',
  '3 8': 'source host isolated',
  '3 9': 'network administratively prohibited',
  '3 10': 'host administratively prohibited',
  '3 11': 'network unreachable for this type of service',
  '3 12': 'host unreachable for this type of service',
  '3 13': 'administratively prohibited',
  '3 14': 'host precedence violation',
  '3 15': 'precedence cutoff in effect',
  '11 0': 'hop limit exceeded on the way',
  '11 1': 'fragments not complete in time',
};

/** Words for ICMPv6 errors, by type and code. Source: RFC 2463 section 3; codes 5 and 6 as public programs agree on them */
const ICMP6: Readonly<Record<string, string>> = {
  '1 0': 'no route to the destination',
  '1 1': 'administratively prohibited',
  '1 2': 'beyond the scope of the source address',
  '1 3': 'address unreachable',
  '1 4': 'port unreachable',
  '1 5': 'source address failed the ingress policy',
  '1 6': 'route to the destination rejected',
  '2 0': 'packet too large',
  '3 0': 'hop limit exceeded on the way',
  '3 1': 'fragments not complete in time',
};

const WORDS: Readonly<Record<string, string>> = { ...ERRNO, ...RESPONSE };
/** A code on its own: not a part of a longer name or of a host's, and not in brackets already. */
const CODE = /(?<![\w(/.-])(?:E[A-Z_]{3,30}|[A-Z]{6,9})(?![\w/-]|\.\w)/g;
/** OpenSSL's codes have their reason in their name. */
const OF_TLS = /(?<![\w(])ERR_(?:SSL|TLS)_([A-Z0-9_]{3,80})(?!\w)/g;
const OF_ICMP = /ICMP type (\d{1,3}),? code (\d{1,3})/g;
const OVER_IPV6 = /\b[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f]{0,4}/i;

/** A text with its codes in plain words, and each code in brackets behind them: `the connection was reset (ECONNRESET)`. */
export function inPlainWords(text: string): string {
  const icmp = OVER_IPV6.test(text) ? ICMP6 : ICMP;
  return text
    .replace(OF_TLS, (code, reason: string) => `TLS: ${reason.toLowerCase().replaceAll('_', ' ')} (${code})`)
    .replace(CODE, (code) => (Object.hasOwn(WORDS, code) ? `${WORDS[code]} (${code})` : code))
    .replace(OF_ICMP, (all, type: string, code: string) => {
      const words = icmp[`${Number(type)} ${Number(code)}`];
      return words === undefined ? all : `ICMP “${words}” (type ${type} code ${code})`;
    });
}
