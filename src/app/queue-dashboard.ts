import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { IServerAdapter } from '@bull-board/api/typings/app';
import { FastifyAdapter as BoardAdapter } from '@bull-board/fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Authenticator, hasScope } from '../platform/http-server/access.js';
import type { BullQueues } from '../platform/queue/bull-queues.js';

const PATH = '/admin/queues';

/** The queues for operators, behind an admin key of the installation: as bearer token, or as password in a browser. */
export async function serveQueueDashboard(app: NestFastifyApplication, queues: BullQueues): Promise<void> {
  const board = new BoardAdapter();
  board.setBasePath(PATH);
  createBullBoard({
    queues: queues.all().map((queue) => new BullMQAdapter(queue)),
    // Their types disagree on an optional field, which our strictness tells apart.
    serverAdapter: board as unknown as IServerAdapter,
  });
  const authenticator = app.get(Authenticator);
  await app
    .getHttpAdapter()
    .getInstance()
    .register(async (scope) => {
      scope.addHook('onRequest', async (request, reply) => {
        const principal = await authenticator.findPrincipal(keyOf(request));
        if (principal?.projectId === null && hasScope(principal.scopes, 'admin')) return;
        return reply.status(401).header('www-authenticate', 'Basic realm="Rekindle queues"').send();
      });
      await scope.register(board.registerPlugin(), { prefix: PATH });
    });
}

function keyOf(request: FastifyRequest): string {
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return value;
  return Buffer.from(value, 'base64')
    .toString()
    .replace(/^[^:]*:/, '');
}
