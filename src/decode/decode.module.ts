import { Module } from '@nestjs/common';
import { DeadLetters, Decoder } from './contract.js';
import { DeadLetterRepository } from './data/dead-letter.repository.js';
import { DecodeService } from './decode.service.js';
import { DeadLetterController } from './http/dead-letter.controller.js';

@Module({
  controllers: [DeadLetterController],
  providers: [
    DeadLetterRepository,
    DecodeService,
    { provide: Decoder, useExisting: DecodeService },
    { provide: DeadLetters, useExisting: DeadLetterRepository },
  ],
  exports: [Decoder, DeadLetters],
})
export class DecodeModule {}
