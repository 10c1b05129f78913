import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Makes a stop close the connections on which nothing was sent yet: browsers and HTTP clients open some ahead of use, and
 * the server waits for them as for requests under way.
 */
export function closeUnusedConnections(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', (done) => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
}
