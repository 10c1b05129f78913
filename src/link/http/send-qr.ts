import type { FastifyReply, FastifyRequest } from 'fastify';
import type { QrImage } from '../qr-images.js';

/** Answers with the image, or with 304 where the caller has it. */
export function sendQr(request: FastifyRequest, reply: FastifyReply, image: QrImage): void {
  void reply
    .header('etag', image.etag)
    .header('cache-control', 'public, max-age=86400')
    .header('x-content-type-options', 'nosniff');
  const known = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(image.etag) || known.includes('*')) {
    void reply.status(304).send();
    return;
  }
  void reply.header('content-type', image.contentType).send(image.body);
}
