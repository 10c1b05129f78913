import type { Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalidField, PROBLEMS, Problem } from './problem.js';
import { StalledError, type UploadLimits, whileBytesCome } from './while-bytes-come.js';

/** Files of rows; what stands behind the first two are other names of the second. */
export const ROWS = ['text/csv', 'application/x-ndjson', 'application/ndjson', 'application/jsonl'] as const;
/** A file of any kind. */
export const BYTES = ['application/octet-stream'] as const;
type FileType = (typeof ROWS | typeof BYTES)[number];

/** How long what is left of a file that nobody wants may still come before its connection is closed. */
const LINGER_MS = 5_000;

/** Connections whose request is a file that is being read: it has time limits of its own. */
const uploading = new WeakSet<Socket>();

/** Whether a connection is not to be closed because its request takes long. */
export function isUploading(socket: Socket): boolean {
  return uploading.has(socket);
}

/** A file that is the body of a request. Nothing of it is read before somebody wants it. */
export class Upload {
  constructor(
    /** Without parameters, in lower case. */
    readonly type: string,
    private readonly request: FastifyRequest,
    private readonly limits: UploadLimits,
  ) {}

  /** The bytes as fast as they are read, unpacked where the request says gzip. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const encoding = this.request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity' && encoding !== 'gzip')
      throw new Problem(PROBLEMS.unsupportedMedia, 'Send the file as it is, or with Content-Encoding: gzip.');
    const sent = this.sent();
    // An error of either stream comes out of the loop.
    const body = encoding === 'gzip' ? pipeline(Readable.from(sent), createGunzip(), () => undefined) : sent;
    try {
      for await (const bytes of body as AsyncIterable<Uint8Array>) yield bytes;
    } catch (error) {
      throw toProblem(error);
    }
  }

  /**
   * The whole file.
   * @throws where it is larger than it may be; the rest is not read
   */
  async read(maxBytes: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    if (Number(this.request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    for await (const chunk of this.bytes()) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** What logs and hashes of requests see of it. */
  toJSON() {
    return { file: this.type, bytes: this.request.headers['content-length'] ?? null };
  }

  /** The bytes as they were sent. */
  private async *sent(): AsyncGenerator<Uint8Array> {
    const { raw } = this.request;
    const { socket } = raw;
    uploading.add(socket);
    try {
      yield* whileBytesCome(raw.iterator({ destroyOnReturn: false }), this.limits);
    } finally {
      if (raw.complete) uploading.delete(socket);
      else dropRest(raw);
    }
  }
}

/** The answer can be read only by who is not cut off while they still send. */
function dropRest(raw: FastifyRequest['raw']): void {
  const { socket } = raw;
  raw.resume();
  raw.once('close', () => uploading.delete(socket));
  setTimeout(() => {
    if (!raw.complete) raw.destroy();
  }, LINGER_MS).unref();
}

function toProblem(error: unknown): unknown {
  if (error instanceof Problem) return error;
  if (error instanceof StalledError) {
    const seconds = error.limitMs / 1_000;
    const what =
      error.limit === 'idle' ? `Nothing came for ${seconds} s` : `The file took longer than ${seconds} s`;
    return new Problem(PROBLEMS.uploadTimeout, `${what}.`);
  }
  const code = String((error as { code?: unknown }).code);
  return code.startsWith('Z_')
    ? invalidField('', 'undecodable_gzip', 'The gzip data of the file is broken.')
    : new Problem(PROBLEMS.invalidRequest, 'The file broke off before its end.');
}

/** Marks a handler whose body is a file of one of these types; `@UploadBody()` gives it. */
export function TakesFile(types: readonly FileType[]): MethodDecorator {
  return applyDecorators(
    RouteConfig({ takesFile: types }),
    ApiConsumes(...named(types)),
    ApiBody({ schema: { type: 'string', format: 'binary' } }),
  );
}

/** The types that documents and errors name. */
function named<T extends string>(types: readonly T[]): readonly T[] {
  return types.slice(0, 2);
}

function typesOf(request: FastifyRequest): readonly string[] {
  return (request.routeOptions.config as { takesFile?: readonly string[] }).takesFile ?? [];
}

/** The file that is the body of the request. @throws where it has another type */
export const UploadBody = createParamDecorator((_: unknown, context: ExecutionContext): Upload => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  if (request.body instanceof Upload) return request.body;
  const types = named(typesOf(request)).join(' or ');
  throw new Problem(PROBLEMS.unsupportedMedia, `Send the file itself, with Content-Type: ${types}.`);
});

/** Lets files through unread to the routes that take their type; elsewhere they stay unsupported. */
export function takeFiles(fastify: FastifyInstance, limits: UploadLimits): void {
  fastify.addContentTypeParser([...ROWS, ...BYTES], (request: FastifyRequest, _payload, done) => {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const types = typesOf(request);
    if (types.includes(type)) done(null, new Upload(type, request, limits));
    // The handler says which types it takes.
    else if (types.length > 0) done(null, undefined);
    else done(Object.assign(new Error('No file is taken here.'), { statusCode: 415 }));
  });
}

function tooLarge(maxBytes: number): Problem {
  return new Problem(PROBLEMS.bodyTooLarge, `The file may have at most ${maxBytes} bytes.`);
}
