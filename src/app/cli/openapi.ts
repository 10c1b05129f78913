import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../app.module.js';
import { createOpenApi } from '../openapi.js';
import type { PlatformServices } from '../platform.module.js';
import { writeOrCheck } from './generated-file.js';

// Writes docs/openapi.json from the controllers, without any store; --check only compares.
const app = await NestFactory.create<NestFastifyApplication>(
  AppModule.with(withoutStores()),
  new FastifyAdapter(),
  { logger: false, preview: true },
);
await writeOrCheck('docs/openapi.json', `${JSON.stringify(createOpenApi(app), null, 2)}\n`);
process.exit();

/** In preview mode Nest makes no provider, so none of these is ever used. */
function withoutStores(): PlatformServices {
  return {} as PlatformServices;
}
