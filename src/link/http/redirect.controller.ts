import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../platform/http-server/access.js';
import type { VisitHeaders } from '../core/decide-click.js';
import { LinkVisits } from '../link-visits.js';
import { sendPage } from './pages.js';

/** Short links: `GET /t/<code>` leads on and counts, HEAD leads on and does not count. */
@Controller('t')
@ApiExcludeController()
export class RedirectController {
  constructor(private readonly visits: LinkVisits) {}

  @Get(':code')
  @Access('public')
  async follow(
    @Param('code') code: string,
    @Query('s') source: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer =
      request.method === 'HEAD'
        ? await this.visits.peek(code)
        : await this.visits.follow({
            code,
            isScan: source === 'q',
            ip: request.ip,
            headers: toVisitHeaders(request),
            referrer: request.headers.referer ?? '',
          });
    if (answer.kind !== 'redirect') {
      sendPage(reply, answer.kind);
      return;
    }
    void reply.status(302).header('cache-control', 'no-store').header('location', answer.targetUrl).send();
  }
}

function toVisitHeaders(request: FastifyRequest): VisitHeaders {
  const header = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  return {
    userAgent: header('user-agent'),
    purpose: header('purpose'),
    secPurpose: header('sec-purpose'),
    xPurpose: header('x-purpose'),
    xMoz: header('x-moz'),
  };
}
