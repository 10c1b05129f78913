import { Module } from '@nestjs/common';
import { Journal, JournalReader } from './contract.js';
import { JournalRepository } from './data/journal.repository.js';
import { GroupCommitJournal } from './group-commit.js';
import { JournalSignal } from './journal-signal.js';
import { LaneLeases } from './lane-leases.js';
import { LaneReader } from './lane-reader.js';

@Module({
  providers: [
    JournalRepository,
    JournalSignal,
    LaneLeases,
    GroupCommitJournal,
    LaneReader,
    { provide: Journal, useExisting: GroupCommitJournal },
    { provide: JournalReader, useExisting: LaneReader },
  ],
  exports: [Journal, JournalReader],
})
export class JournalModule {}
