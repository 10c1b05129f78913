import type { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PROBLEMS, Problem } from './problem.js';

const BYTES = 'application/octet-stream';

/** A body that is bytes: it is not read before somebody wants it. Routes that want JSON refuse it. */
export class RawBody {
  constructor(
    private readonly stream: Readable,
    private readonly contentLength: string | null,
  ) {}

  /**
   * The whole body.
   * @throws where it is larger than it may be; the rest is not read
   */
  async read(maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    if (Number(this.contentLength ?? 0) > maxBytes) throw tooLarge(maxBytes);
    for await (const chunk of this.stream as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** What logs and hashes of requests see of it. */
  toJSON() {
    return { file: BYTES, bytes: this.contentLength };
  }
}

/** The body of the request as bytes. @throws where it has another type */
export const BytesBody = createParamDecorator((_: unknown, context: ExecutionContext): RawBody => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  if (body instanceof RawBody) return body;
  throw new Problem(PROBLEMS.unsupportedMedia, `Send the file with the Content-Type ${BYTES}.`);
});

/** Lets requests of the admin API carry bytes. */
export function takeBytes(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(BYTES, (request, stream, done) => {
    done(null, new RawBody(stream, request.headers['content-length'] ?? null));
  });
}

function tooLarge(maxBytes: number): Problem {
  return new Problem(PROBLEMS.bodyTooLarge, `The file may have at most ${maxBytes} bytes.`);
}
