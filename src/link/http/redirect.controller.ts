import { Controller, Get, Head, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../platform/http-server/access.js';
import type { VisitHeaders } from '../core/decide-click.js';
import { LinkVisits, type VisitAnswer } from '../link-visits.js';
import { sendPage } from './pages.js';

/** Short links: `GET /t/<code>` leads on and counts, HEAD leads on and does not count. */
@Controller('t')
@ApiExcludeController()
export class RedirectController {
  constructor(private readonly visits: LinkVisits) {}

  @Head(':code')
  @Access('public')
  async peek(@Param('code') code: string, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.visits.peek(code));
  }

  @Get(':code')
  @Access('public')
  async follow(
    @Param('code') code: string,
    @Query('s') source: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.visits.follow({
      code,
      isScan: source === 'q',
      ip: request.ip,
      headers: toVisitHeaders(request),
      referrer: request.headers.referer ?? '',
    });
    sendAnswer(reply, answer);
  }
}

function sendAnswer(reply: FastifyReply, answer: VisitAnswer): void {
  if (answer.kind !== 'redirect') {
    sendPage(reply, answer.kind);
    return;
  }
  void reply.status(302).header('cache-control', 'no-store').header('location', answer.targetUrl).send();
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
