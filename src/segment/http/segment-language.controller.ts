import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { LANGUAGE_SCHEMA } from '../core/language-schema.js';

@ProjectController('segment-language', 'Segments')
export class SegmentLanguageController {
  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'JSON Schema of the segment language, with its version' })
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  schema() {
    return LANGUAGE_SCHEMA;
  }
}
