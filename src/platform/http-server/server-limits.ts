import type { Socket } from 'node:net';
import type { FastifyServerOptions } from 'fastify';
import type { Config } from '../config/config.js';
import { isUploading } from './upload.js';

const LONGEST_CHECK_MS = 30_000;
/** For the head of a request alone. */
const HEADERS_TIMEOUT_MS = 60_000;

/** What a connection may cost: the size of a request's head, and the time until a request is there in full. */
export function serverLimits(config: Config) {
  const requestTimeout = config.get('HTTP_REQUEST_TIMEOUT_MS');
  return {
    requestTimeout,
    http: {
      // Node looks at no deadline where that of the head is the later one.
      headersTimeout: Math.min(requestTimeout, HEADERS_TIMEOUT_MS),
      maxHeaderSize: config.get('HTTP_HEADER_LIMIT_BYTES'),
      connectionsCheckingInterval: Math.min(requestTimeout, LONGEST_CHECK_MS),
    },
    clientErrorHandler,
  } satisfies FastifyServerOptions & { http: object };
}

/**
 * A request that does not come to its end is cut off without an answer: a phone then keeps its batch, while it would
 * delete it at any 4xx. A file of the admin API that still comes is left alone.
 */
function clientErrorHandler({ code }: { code?: string }, socket: Socket): void {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && isUploading(socket)) return;
  const isAnswerable = socket.writable && code !== 'ERR_HTTP_REQUEST_TIMEOUT' && code !== 'ECONNRESET';
  if (!isAnswerable) {
    socket.destroy();
    return;
  }
  const status = code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
