/** Names of response codes by number. Source: RFC 1035 section 4.1.1, RFC 2136, RFC 6891 (BADVERS). */
export const RCODES = Object.freeze({
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
});

export type Rcode = keyof typeof RCODES;

export const RCODE_NAMES = Object.keys(RCODES) as [Rcode, ...Rcode[]];

/** Codes that no query of the probe expects. Source: the registry "DNS RCODEs" of IANA */
const OTHER_CODES = {
  DSOTYPENI: 11,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
};

const BY_NUMBER = new Map<number, string>(
  Object.entries({ ...RCODES, ...OTHER_CODES }).map(([name, code]) => [code, name]),
);

/** Names by number, for display. */
export const RCODE_NAMES_BY_NUMBER: Readonly<Record<number, string>> = Object.freeze(Object.fromEntries(BY_NUMBER));

/** `RCODE12` for a number without a name here. */
export const rcodeName = (code: number): string => BY_NUMBER.get(code) ?? `RCODE${code}`;

/** As details show it: `SERVFAIL (2)`. */
export const rcodeText = (code: number): string => `${rcodeName(code)} (${code})`;
