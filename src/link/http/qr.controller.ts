import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../platform/http-server/access.js';
import { isPossibleCode } from '../core/link-code.js';
import { LinkRepository } from '../data/link.repository.js';
import { LinkAddresses } from '../link-addresses.js';
import { type QrFormat, QrImages } from '../qr-images.js';
import { QR_QUERY, type QrQuery } from './link.schema.js';
import { sendPage } from './pages.js';
import { sendQr } from './send-qr.js';

/** QR codes of links, for pages and print: `/qr/<code>.png` and `/qr/<code>.svg`. */
@Controller('qr')
@ApiExcludeController()
export class QrController {
  constructor(
    private readonly links: LinkRepository,
    private readonly addresses: LinkAddresses,
    private readonly images: QrImages,
  ) {}

  @Get(':file')
  @Access('public')
  async draw(
    @Param('file') file: string,
    @Query({ schema: QR_QUERY }) query: QrQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const [, code = '', format = ''] = /^(.+)\.(png|svg)$/.exec(file) ?? [];
    const link = isPossibleCode(code) ? await this.links.findByCode(code) : null;
    if (!link) {
      sendPage(reply, 'unknown');
      return;
    }
    sendQr(request, reply, await this.images.draw(this.addresses.scan(link.code), format as QrFormat, query));
  }
}
