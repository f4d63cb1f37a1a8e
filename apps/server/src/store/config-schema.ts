import type { Generated } from 'kysely';

/** Tables of configuration, access and fleet. Times are epoch ms. JSON columns hold validated JSON. */
export interface ConfigSchema {
  user: { id: Generated<number>; username: string; password_hash: string; role: string; created_at: number };
  user_session: {
    id_hash: string;
    user_id: number;
    csrf: string;
    created_at: number;
    last_used_at: number;
    expires_at: number;
  };
  api_token: {
    id: Generated<number>;
    name: string;
    role: string;
    secret_hash: string;
    created_at: number;
    last_used_at: number | null;
    expires_at: number | null;
  };
  enrolment_token: {
    id: string;
    name: string;
    secret_key: string;
    created_at: number;
    expires_at: number | null;
    uses_left: number | null;
    /** The administrator's labels for agents that enrol with it. */
    labels: Generated<string>;
    /** 1: tests also select these agents by the labels that they declare. */
    own_labels_select: Generated<number>;
  };
  agent: {
    id: Generated<number>;
    name: string;
    /** Raw Ed25519 public key, base64url. */
    public_key: string;
    /** Labels set by the administrator. */
    labels: string;
    /** Labels that the agent declared in its last session. */
    own_labels: Generated<string>;
    /** 1: tests also select the agent by its own labels. */
    own_labels_select: Generated<number>;
    system: string | null;
    capabilities: string;
    address: string | null;
    enrolled_at: number;
    last_seen_at: number | null;
    revoked_at: number | null;
    /** Highest boot epoch seen: a lower one again means a clone or a restored disk. */
    epoch: number;
    clock_offset_ms: number | null;
    clock_error_ms: number | null;
    /** The previous key, valid until the current one is used. null: none. */
    previous_public_key: string | null;
    /** Fingerprint of the newest server key that the agent is known to accept. */
    server_key: string | null;
    /** Where and when a copy of the agent was last rejected. */
    clone_address: string | null;
    clone_seen_at: number | null;
    /** The host that has the agent's name, as JSON of `agentHostSchema`. null: it never said. */
    host: string | null;
    /** As `host`, of the copy that was rejected last. */
    clone_host: string | null;
  };
  /** Listening agents that this server dials. */
  listening_agent: {
    id: Generated<number>;
    url: string;
    /** The agent that answered there last. null: none yet. */
    agent_id: number | null;
    added_at: number;
    last_error: string | null;
    last_error_at: number | null;
  };
  test: {
    id: Generated<number>;
    name: string;
    description: string;
    selection: string;
    interval_ms: number;
    duration_ms: number | null;
    start_at: number;
    end_at: number | null;
    stopped_at: number | null;
    created_at: number;
    created_by: string;
    deleted_at: number | null;
  };
  target: {
    id: Generated<number>;
    test_id: number;
    address: string;
    labels: string;
    removed_at: number | null;
    /** Random, beside the id: see `seriesTag`. null: older than tags. */
    tag: Generated<number | null>;
  };
  check: {
    id: Generated<number>;
    test_id: number;
    probe: string;
    options: string;
    expectations: string;
    interval_ms: number | null;
    position: number;
    removed_at: number | null;
    /** As of targets. */
    tag: Generated<number | null>;
  };
  /** When each (agent, check, target) was due. The ledger computes its expected runs from these spans. */
  assignment_span: {
    id: Generated<number>;
    agent_id: number;
    check_id: number;
    target_id: number;
    interval_ms: number;
    from_ms: number;
    to_ms: number | null;
  };
  audit: { id: Generated<number>; at: number; actor: string; action: string; subject: string; detail: string };
  setting: { key: string; value: string };
  /** The present one has the highest id. */
  incarnation: {
    id: Generated<number>;
    /** Random. */
    word: string;
    began_ms: number;
    why: string;
    /** Highest revision of assignments when it began. */
    revision: number;
    /** From when on what was done is lost, at the earliest. null: nothing was. */
    lost_from_ms: number | null;
    /** Ids that were skipped when it began, since the lost state may have given them. */
    check_from: Generated<number>;
    check_to: Generated<number>;
    target_from: Generated<number>;
    target_to: Generated<number>;
  };
}
