import { Module } from '@nestjs/common';
import { DeadLetters, Decoder, PublicKeys } from './contract.js';
import { DeadLetterRepository } from './data/dead-letter.repository.js';
import { EncryptionKeyRepository } from './data/encryption-key.repository.js';
import { DecodeService } from './decode.service.js';
import { EncryptionKeysService } from './encryption-keys.service.js';
import { Enrichment } from './enrichment.js';
import { GeoLocations } from './geo-locations.js';
import { DeadLetterController } from './http/dead-letter.controller.js';
import { EncryptionKeyController } from './http/encryption-key.controller.js';
import { KeyRings } from './key-rings.js';

@Module({
  controllers: [DeadLetterController, EncryptionKeyController],
  providers: [
    DeadLetterRepository,
    DecodeService,
    EncryptionKeyRepository,
    EncryptionKeysService,
    KeyRings,
    Enrichment,
    GeoLocations,
    { provide: Decoder, useExisting: DecodeService },
    { provide: DeadLetters, useExisting: DeadLetterRepository },
    { provide: PublicKeys, useExisting: EncryptionKeysService },
  ],
  exports: [Decoder, DeadLetters, PublicKeys],
})
export class DecodeModule {}
