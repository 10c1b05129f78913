import { gunzipSync } from 'node:zlib';
import fastify from 'fastify';

// The baseline: bare Fastify handlers. One parses the same bodies and stores nothing; one gives back what it was given.
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
let answer = null;
app.put('/answer', (request, reply) => {
  answer = JSON.parse(request.body);
  reply.send('ok');
});
app.get('/answer', async () => answer);
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${app.server.address().port}\n`);
