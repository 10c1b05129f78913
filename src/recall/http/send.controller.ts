import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { Channels } from '../../deliver/contract.js';
import { formatUserId, NO_USER, newId } from '../../kernel/ids.js';
import {
  Access,
  CurrentPrincipal,
  type Principal,
  Project,
  type RequestProject,
} from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { invalidField } from '../../platform/http-server/problem.js';
import { MessageRequests } from '../message-requests.js';
import { TemplateService } from '../template.service.js';
import { SEND_MESSAGES_BODY, SEND_RESULT, type SendMessagesBody } from './send.schema.js';

@ProjectController('messages', 'Messages')
export class SendController {
  constructor(
    private readonly requests: MessageRequests,
    private readonly templates: TemplateService,
    private readonly channels: Channels,
  ) {}

  @Post()
  @HttpCode(202)
  @Access('marketer')
  @ApiOperation({
    summary: 'Send a template to users or addresses, up to 500 at once',
    description: 'The blocklist applies; campaign rules, such as caps and control groups, do not.',
  })
  @ApiAcceptedResponse({ standardSchema: SEND_RESULT })
  async send(
    @Project() project: RequestProject,
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: SEND_MESSAGES_BODY }) body: SendMessagesBody,
  ) {
    const template = await this.templates.find(project.id, body.template);
    if (!template) {
      throw invalidField('/template', 'unknown_template', `There is no template ${body.template}.`);
    }
    const channel = body.channel ?? template.channel;
    if (!this.channels.names().includes(channel)) {
      const known = this.channels.names().join(', ');
      throw invalidField(
        '/channel',
        'unknown_channel',
        `There is no channel ${channel}; there are ${known}.`,
      );
    }
    const dedupeKey = body.dedupeKey ?? newId('request');
    const result = await this.requests.plan(
      body.recipients.map(({ userId = NO_USER, address = null, variables }) => ({
        projectId: project.id,
        userId,
        address,
        channel,
        template: template.id,
        origin: principal.keyId,
        dedupeKey: `api:${dedupeKey}:${userId === NO_USER ? address : formatUserId(userId)}`,
        variables: { ...body.variables, ...variables },
        sendAt: body.sendAt === undefined ? null : Date.parse(body.sendAt),
      })),
    );
    return { dedupeKey, ...result };
  }
}
