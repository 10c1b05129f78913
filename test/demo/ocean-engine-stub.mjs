import { createServer } from 'node:http';

/** A server on this machine that answers as the network's conversion endpoint does, and remembers what it was sent. */
export async function startOceanEngineStub() {
  const received = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes));
    request.on('end', () => {
      received.push({ path: request.url, body: JSON.parse(body || 'null') });
      response.setHeader('content-type', 'application/json');
      response.end('{"code":0,"message":"success"}');
    });
  });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  return { url: `http://localhost:${server.address().port}`, received, stop: () => server.close() };
}
