import { applyDecorators, Controller } from '@nestjs/common';
import { ApiBearerAuth, ApiParam, ApiTags } from '@nestjs/swagger';

/** A controller of the admin API below one project: `/api/v1/projects/{project}/<path>`. */
export function ProjectController(path: string, tag: string): ClassDecorator {
  return applyDecorators(
    Controller(`api/v1/projects/:project/${path}`.replace(/\/$/, '')),
    ApiTags(tag),
    ApiBearerAuth(),
    ApiParam({
      name: 'project',
      description: 'Slug of the project',
      example: 'default',
    }),
  );
}

/** A controller of the admin API of the whole installation: `/api/v1/<path>`. */
export function InstallationController(path: string, tag: string): ClassDecorator {
  return applyDecorators(Controller(`api/v1/${path}`), ApiTags(tag), ApiBearerAuth());
}
