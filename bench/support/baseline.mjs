import { gunzipSync } from 'node:zlib';
import fastify from 'fastify';

// The baseline: a bare Fastify handler that parses the same bodies and stores nothing.
const app = fastify();
app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));
app.removeContentTypeParser('application/json');
app.post('/sa', (request, reply) => {
  const parameters = new URLSearchParams(request.body);
  const value = parameters.get('data_list') ?? parameters.get('data');
  const bytes = Buffer.from(value, 'base64');
  JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString());
  reply.send('ok');
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${app.server.address().port}\n`);
