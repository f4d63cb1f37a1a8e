import type { AbsenceReason } from '../contract/verdict.ts';
import { cdnName } from './cdn-name.ts';
import type { HttpOptions } from './descriptor.ts';
import { type Figures, put } from './figures.ts';
import type { Transaction } from './observation.ts';
import { databaseTimeMs, serverTimeMs, serverTimings } from './server-timing.ts';

const DAY_MS = 86_400_000;

/** Status, protocol and size of the final answer to the run's first request. */
export function putTransfer(
  figures: Figures,
  transaction: Transaction,
  { method, compression }: HttpOptions,
  failed: AbsenceReason,
): void {
  const { hops, body, fault } = transaction;
  const last = hops.at(-1);
  const head = last?.head ?? null;
  put(figures, 'status', head?.status, failed);
  put(figures, 'redirects', head === null && fault !== null ? undefined : hops.length - 1, failed);
  const wireBytes = hops.reduce((sum, hop) => sum + hop.wireBytes, 0);
  put(figures, 'wire_bytes', wireBytes > 0 ? wireBytes : undefined, failed);
  const whole = fault === null ? body : null;
  const cut = whole?.truncated === true;
  const content = method === 'HEAD' || whole === null || cut ? undefined : whole.decodedBytes;
  const noContent =
    method === 'HEAD' ? 'not_applicable' : cut ? 'not_requested' : whole === null ? failed : 'not_supported';
  put(figures, 'body_bytes', content, noContent);
  const encoded = whole === null || whole.encoding === null ? 0 : whole.encodedBytes;
  const ratio = content === undefined || content === null || encoded === 0 ? undefined : content / encoded;
  put(
    figures,
    'compression_ratio',
    ratio,
    whole?.encoding != null || method === 'HEAD' || whole === null
      ? ratioReason(noContent)
      : compression
        ? 'not_offered_by_target'
        : 'not_requested',
  );
  put(
    figures,
    'throughput_bps',
    throughput(transaction),
    method === 'HEAD' || whole !== null ? 'not_applicable' : failed,
  );
  putHeaders(figures, transaction, failed);
}

/** An encoded body of no bytes has no ratio. */
const ratioReason = (noContent: AbsenceReason): AbsenceReason =>
  noContent === 'not_supported' ? 'not_applicable' : noContent;

/** Rate of the bytes after the first read; absent if one read returned everything. */
function throughput({ hops, body, fault }: Transaction): number | undefined {
  const last = hops.at(-1);
  if (fault !== null || body === null || last?.head == null || body.bytesAfterFirstRead === 0) return undefined;
  const tookMs = last.endMs - last.head.firstByteMs;
  return tookMs > 0 ? (body.bytesAfterFirstRead * 8000) / tookMs : undefined;
}

function putHeaders(figures: Figures, { hops, wallMs }: Transaction, failed: AbsenceReason): void {
  const last = hops.at(-1);
  const head = last?.head ?? null;
  const reason = head === null ? failed : 'not_offered_by_target';
  const timings = head === null ? [] : serverTimings(head.rawHeaders);
  put(figures, 'server_time_ms', serverTimeMs(timings), reason);
  put(figures, 'database_time_ms', databaseTimeMs(timings), reason);
  put(figures, 'protocol', head?.protocol, failed);
  put(figures, 'cdn', head === null ? undefined : cdnName(head.rawHeaders), reason);
  const endsMs = last?.connection?.tls?.notAfterMs;
  const daysLeft = endsMs == null ? undefined : (endsMs - wallMs) / DAY_MS;
  put(figures, 'certificate_days_left', daysLeft, last?.url.startsWith('https:') === true ? failed : 'not_applicable');
}
