import { Module } from '@nestjs/common';
import { Identities } from './contract.js';
import { PersonRepository } from './data/person.repository.js';
import { PersonDictionary } from './data/person-dictionary.js';
import { IdentityService } from './identity.service.js';

@Module({
  providers: [
    PersonDictionary,
    PersonRepository,
    IdentityService,
    { provide: Identities, useExisting: IdentityService },
  ],
  exports: [Identities],
})
export class IdentifyModule {}
