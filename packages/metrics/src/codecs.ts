/** How a narrowband codec stands up to packet loss. */
export interface Codec {
  readonly label: string;
  /** Equipment impairment factor without loss [Ie]. */
  readonly ie: number;
  /** Packet-loss robustness factor [Bpl]; larger is more robust. */
  readonly bpl: number;
  /** Speech in one packet, ms, for which `bpl` holds; a packet is sent when it is full. */
  readonly packetMs: number;
}

/**
 * Provisional planning values for narrowband codecs; wideband ones (Opus, G.722) are rated on another scale and are
 * not in the table.
 *
 * Source: ITU-T G.113 Appendix I (Ie and Bpl under random loss).
 */
export const CODECS = Object.freeze({
  g711: { label: 'G.711 without loss concealment', ie: 0, bpl: 4.3, packetMs: 10 },
  g711_plc: { label: 'G.711 with loss concealment (Appendix I)', ie: 0, bpl: 25.1, packetMs: 10 },
  g729a_vad: { label: 'G.729 Annex A with voice activity detection', ie: 11, bpl: 19.0, packetMs: 20 },
  g723_1_vad: { label: 'G.723.1 at 6.3 kbit/s with voice activity detection', ie: 15, bpl: 16.1, packetMs: 30 },
  gsm_efr: { label: 'GSM enhanced full rate', ie: 5, bpl: 10.0, packetMs: 20 },
} as const satisfies Record<string, Codec>);

/** Name of a codec in options and results. */
export type CodecId = keyof typeof CODECS;

/** All codec names, in the order in which forms offer them. */
export const CODEC_IDS = Object.freeze(Object.keys(CODECS)) as readonly CodecId[];
