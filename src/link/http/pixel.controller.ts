import { Controller, Get, Head, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../platform/http-server/access.js';
import { log } from '../../platform/log/log.js';
import { PIXEL_GIF } from '../core/open-pixel.js';
import { MessageOpens } from '../message-opens.js';

/** The open pixel `GET /o/<token>.gif`: the same picture for everybody, whatever the token is worth. */
@Controller('o')
@ApiExcludeController()
export class PixelController {
  constructor(private readonly opens: MessageOpens) {}

  @Head(':file')
  @Access('public')
  peek(@Res() reply: FastifyReply): void {
    sendPixel(reply);
  }

  @Get(':file')
  @Access('public')
  async open(
    @Param('file') file: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      await this.opens.record(file.replace(/\.gif$/, ''), request.headers['user-agent']);
    } catch (error) {
      log.warn({ err: error }, 'an opening was not recorded');
    }
    sendPixel(reply);
  }
}

function sendPixel(reply: FastifyReply): void {
  void reply.header('content-type', 'image/gif').header('cache-control', 'no-store').send(PIXEL_GIF);
}
