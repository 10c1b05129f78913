import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalidField, PROBLEMS, Problem } from './problem.js';

/** Types of files that are read as they come; every other body is JSON. */
const FILE_TYPES = ['text/csv', 'application/x-ndjson', 'application/ndjson', 'application/jsonl'];

/** Route config of a handler that reads its body itself, as `openUpload` gives it: `@RouteConfig(TAKES_FILE)`. */
export const TAKES_FILE = { takesFile: true } as const;

/** Lets files through unread to the routes that take one; elsewhere their types stay unsupported. */
export function takeFiles(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(FILE_TYPES, (request: FastifyRequest, _payload, done) => {
    const { takesFile } = request.routeOptions.config as { takesFile?: boolean };
    if (takesFile) done(null, describeFile(request));
    else done(Object.assign(new Error('No file is taken here.'), { statusCode: 415 }));
  });
}

/** What the audit log and the Idempotency-Key see of a file. */
function describeFile({ headers }: FastifyRequest) {
  return { file: headers['content-type'], bytes: headers['content-length'] ?? null };
}

/**
 * The bytes of the file that a request sends, unpacked where it says gzip; they come as fast as they are read.
 * @returns with the type of the file, without parameters
 */
export function openUpload(request: FastifyRequest): { type: string; bytes: AsyncIterable<Uint8Array> } {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!FILE_TYPES.includes(type)) {
    throw new Problem(
      PROBLEMS.unsupportedMedia,
      'Send the file itself, with Content-Type: text/csv or application/x-ndjson.',
    );
  }
  return { type, bytes: readBody(request.raw, request.headers['content-encoding'] ?? 'identity') };
}

async function* readBody(raw: Readable, encoding: string): AsyncGenerator<Uint8Array> {
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new Problem(PROBLEMS.unsupportedMedia, 'Send the file as it is, or with Content-Encoding: gzip.');
  // An error of either stream comes out of the loop.
  const body = encoding === 'gzip' ? pipeline(raw, createGunzip(), () => undefined) : raw;
  try {
    for await (const bytes of body as AsyncIterable<Uint8Array>) yield bytes;
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (code.startsWith('Z_'))
      throw invalidField('', 'undecodable_gzip', 'The gzip data of the file is broken.');
    throw new Problem(PROBLEMS.invalidRequest, 'The file broke off before its end.');
  }
}
