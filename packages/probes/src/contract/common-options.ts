import { z } from 'zod';
import type { AddressFamily } from './context.ts';
import type { OptionMeta } from './option-field.ts';

const meta = (fields: OptionMeta) => ({ ...fields });

/** Part of a run's deadline reserved for resolving a name, in s. The probe's own timeouts start after it. */
export const RESOLVE_SECONDS = 5;

/** How long one exchange may take before it counts as lost or failed; s, 0.01 to 300. Call the field `timeoutSeconds`. */
export const timeoutField = (seconds: number, description = 'Longest wait for an answer') =>
  z
    .number()
    .min(0.01)
    .max(300)
    .default(seconds)
    .meta(meta({ label: 'Timeout', description, unit: 's', flag: 'timeout' }));

/** Which addresses of a name may be used. Call the field `family`; {@link addressFamily} converts it for `resolve`. */
export const familyField = () =>
  z
    .enum(['any', '4', '6'])
    .default('any')
    .meta(meta({ label: 'Address family', description: 'IPv4 (4), IPv6 (6), or what the resolver gives first (any)' }));

/** The family in the form that the run's resolver expects. */
export const addressFamily = (option: 'any' | '4' | '6'): AddressFamily =>
  option === 'any' ? 'any' : option === '4' ? 4 : 6;

/** Authorities trusted beside Node's own, as PEM text; '' for none. Call the field `ca`; `trustIn` reads it. */
export const caField = () =>
  z
    .string()
    .max(65_536)
    .regex(/^\s*$|-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/, 'give certificates as PEM text')
    .default('')
    .meta(
      meta({
        label: 'Further authorities',
        description: 'Certificates (PEM text) of authorities to trust beside the usual ones',
        advanced: true,
        content: 'pem',
        multiline: true,
      }),
    );

const NAME = /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.|$))*$/i;

/** Server name (SNI) sent over TLS, which the certificate must match; '' for the host's name. */
export const serverNameField = (description: string, more: Partial<OptionMeta> = {}) =>
  z
    .string()
    .max(253)
    .regex(NAME, 'write a host name, letters beyond ASCII in their form xn--')
    .default('')
    .meta(meta({ label: 'Server name', description, ...more }));

/** Differentiated services code point, 0 to 63. Call the field `dscp`; the TOS byte is four times this value. */
export const dscpField = () =>
  z
    .int()
    .min(0)
    .max(63)
    .default(0)
    .meta(meta({ label: 'DSCP', description: 'Differentiated services code point of what is sent', advanced: true }));

/** How many packets or exchanges one run sends. Call the field `count`. */
export const countField = (count: number, most: number, description: string) =>
  z
    .int()
    .min(1)
    .max(most)
    .default(count)
    .meta(meta({ label: 'Count', description }));

/** Time from one send to the next within a run; s. Call the field `intervalSeconds`. */
export const intervalField = (seconds: number, least: number, description: string) =>
  z
    .number()
    .min(least)
    .max(60)
    .default(seconds)
    .meta(meta({ label: 'Interval', description, unit: 's', flag: 'interval' }));
