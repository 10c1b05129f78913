import { Module } from '@nestjs/common';
import { DeadLetters, Decoder, PublicKeys } from './contract.js';
import { DeadLetterRepository } from './data/dead-letter.repository.js';
import { DerivedPropertyRepository } from './data/derived-property.repository.js';
import { EncryptionKeyRepository } from './data/encryption-key.repository.js';
import { DecodeService } from './decode.service.js';
import { DerivedProperties } from './derived-properties.js';
import { EncryptionKeysService } from './encryption-keys.service.js';
import { Enrichment } from './enrichment.js';
import { GeoLocations } from './geo-locations.js';
import { DeadLetterController } from './http/dead-letter.controller.js';
import { DerivedPropertyController } from './http/derived-property.controller.js';
import { EncryptionKeyController } from './http/encryption-key.controller.js';
import { KeyRings } from './key-rings.js';
import { LetterReplay } from './letter-replay.js';
import { TimeWindows } from './time-windows.js';

@Module({
  controllers: [DeadLetterController, DerivedPropertyController, EncryptionKeyController],
  providers: [
    DeadLetterRepository,
    DecodeService,
    DerivedProperties,
    DerivedPropertyRepository,
    EncryptionKeyRepository,
    EncryptionKeysService,
    Enrichment,
    GeoLocations,
    KeyRings,
    LetterReplay,
    TimeWindows,
    { provide: Decoder, useExisting: DecodeService },
    { provide: DeadLetters, useExisting: DeadLetterRepository },
    { provide: PublicKeys, useExisting: EncryptionKeysService },
  ],
  exports: [Decoder, DeadLetters, PublicKeys],
})
export class DecodeModule {}
