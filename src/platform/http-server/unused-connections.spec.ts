import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fastify from 'fastify';
import { closeUnusedConnections } from './unused-connections.js';

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('a stop', () => {
  it('waits for a request under way, and for no connection that nobody used', async () => {
    const app = fastify();
    closeUnusedConnections(app);
    app.post('/', async () => 'done');
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const unused = await opened(port);
    const busy = await opened(port);
    busy.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\na');
    await once(app.server, 'request');

    const closing = app.close();
    await once(unused, 'close');
    busy.write('b');
    const [answer] = await once(busy, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    busy.end();
    await closing;
  });
});
