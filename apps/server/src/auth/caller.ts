import { ROLES, type Role } from '@netsonde/protocol/api';

/** Who may call a route: everyone, agents (which authenticate inside their session), or users with at least this role. */
export type Access = 'public' | 'agent' | Role;

/** The caller of a request. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'user';
      readonly userId: number;
      readonly name: string;
      readonly role: Role;
      readonly csrf: string;
      readonly sessionHash: string;
    }
  | { readonly kind: 'token'; readonly tokenId: number; readonly name: string; readonly role: Role };

export const ANONYMOUS: Caller = Object.freeze({ kind: 'anonymous' });

/** Whether a caller has at least this role. */
export function hasRole(caller: Caller, role: Role): boolean {
  return caller.kind !== 'anonymous' && ROLES.indexOf(caller.role) >= ROLES.indexOf(role);
}

/** The caller's name in the audit log. */
export function actorName(caller: Caller): string {
  switch (caller.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'user':
      return `user:${caller.name}`;
    case 'token':
      return `token:${caller.name}`;
  }
}
