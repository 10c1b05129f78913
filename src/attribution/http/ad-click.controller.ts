import { Controller, Get, Head, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../platform/http-server/access.js';
import { AdClickService } from '../ad-click.service.js';

/** Where ad networks report clicks: public, answered fast, always 200 and without cookies. */
@Controller('ad')
@ApiTags('Ad clicks')
export class AdClickController {
  constructor(private readonly clicks: AdClickService) {}

  @Get('click/:code')
  @Access('public')
  @ApiOperation({
    summary: 'Report a click: the monitoring link that a network calls',
    description: 'Parameters are those of the network. `redirect=1` sends the browser to the landing page.',
  })
  @ApiParam({ name: 'code', description: 'Code of the ad link' })
  @ApiOkResponse({ description: 'What the network expects, whether or not the click is of use' })
  async click(
    @Param('code') code: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const at = request.raw.url?.indexOf('?') ?? -1;
    const answer = await this.clicks.take({
      code,
      query: at < 0 ? '' : (request.raw.url ?? '').slice(at + 1),
      ip: request.ip,
      userAgent: request.headers['user-agent'] ?? '',
    });
    void reply.header('cache-control', 'no-store');
    if (answer.kind === 'redirect') {
      await reply.redirect(answer.url, 302);
      return;
    }
    await reply.status(answer.status).header('content-type', answer.contentType).send(answer.body);
  }

  /** A check by a link scanner is no click. */
  @Head('click/:code')
  @Access('public')
  @ApiExcludeEndpoint()
  async check(@Res() reply: FastifyReply): Promise<void> {
    await reply.status(200).header('cache-control', 'no-store').send();
  }
}
