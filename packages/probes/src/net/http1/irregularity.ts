/** Violations of HTTP that the reader tolerates: the closed list. */
export const IRREGULARITIES = [
  'bytes_before_head',
  'status_line',
  'bare_lf',
  'bare_cr',
  'control_character',
  'folded_header',
  'space_before_header',
  'space_before_colon',
  'line_without_colon',
  'content_length_form',
  'content_length_repeated',
  'content_length_beside_chunked',
  'transfer_encoding_in_http_1_0',
  'transfer_encoding_form',
  'chunk_line',
  'bytes_after_answer',
] as const;
export type Irregularity = (typeof IRREGULARITIES)[number];
