import type { LoggerService } from '@nestjs/common';
import { log } from './log.js';

/** Hands Nest's own lines to the one logger; its start-up chatter is for debugging only. */
export class NestLogger implements LoggerService {
  log(message: unknown): void {
    log.debug(String(message));
  }
  error(message: unknown, stack?: string): void {
    log.error({ stack }, String(message));
  }
  warn(message: unknown): void {
    log.warn(String(message));
  }
  debug(message: unknown): void {
    log.debug(String(message));
  }
  verbose(message: unknown): void {
    log.debug(String(message));
  }
}
