import type { INestApplicationContext } from '@nestjs/common';
import { IngestFlow } from '../flow/ingest.flow.js';
import { JournalReader } from '../journal/contract.js';

/** From now on this thread takes what is in the journal through the flow. */
export function readJournal(app: INestApplicationContext): void {
  const flow = app.get(IngestFlow);
  app
    .get(JournalReader)
    .start({ prepare: (batch) => flow.prepare(batch), finish: (prepared) => flow.finish(prepared) });
}
