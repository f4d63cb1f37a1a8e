import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { type Pair, type PairFiles, type PairWatch, watchPair } from '@netsonde/sockets/host';
import type { FastifyInstance } from 'fastify';

/** The content of both files. @throws Error that names the file. */
export const readPair = ({ certFile, keyFile }: PairFiles): Pair => ({
  cert: readFileSync(certFile, 'latin1'),
  key: readFileSync(keyFile, 'latin1'),
});

/**
 * Uses a renewed certificate for new connections. Present ones go on: each session is bound to its own TLS connection,
 * whatever certificate that began with.
 */
export function watchCertificate({ server, log }: FastifyInstance, files: PairFiles, first: Pair): PairWatch {
  return watchPair(files, first, {
    taken(pair, validTo) {
      (server as Server).setSecureContext({ ...pair });
      log.info(`the certificate in TLS_CERT was renewed: it is in use now, and valid until ${validTo}`);
    },
    refused: (why) => log.error(`TLS_CERT and TLS_KEY: new files are not used, the certificate before stays: ${why}`),
  });
}
