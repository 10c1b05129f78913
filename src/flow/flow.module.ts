import { Global, Injectable, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { AttributionModule } from '../attribution/attribution.module.js';
import { ChurnModule } from '../churn/churn.module.js';
import { CollectModule } from '../collect/collect.module.js';
import { PayloadInspector, SdkKeys } from '../collect/contract.js';
import { Decoder, PublicKeys, ReplaySink } from '../decode/contract.js';
import { DecodeModule } from '../decode/decode.module.js';
import { MessageRenderer } from '../deliver/contract.js';
import { DeliverModule } from '../deliver/deliver.module.js';
import { FeatureModule } from '../feature/feature.module.js';
import { MergeRequestSink } from '../identify/contract.js';
import { IdentifyModule } from '../identify/identify.module.js';
import { Journal, JournalReader } from '../journal/contract.js';
import { JournalModule } from '../journal/journal.module.js';
import { EffectSink } from '../kernel/effects.js';
import type { Envelope } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import { LinkModule } from '../link/link.module.js';
import { Clock } from '../platform/clock/clock.js';
import { QueryModule } from '../query/query.module.js';
import { RecallModule } from '../recall/recall.module.js';
import { ReportModule } from '../report/report.module.js';
import { SegmentRunListener } from '../segment/contract.js';
import { SegmentModule } from '../segment/segment.module.js';
import { StoreModule } from '../store/store.module.js';
import { EvaluatedUntil } from '../trigger/contract.js';
import { TriggerModule } from '../trigger/trigger.module.js';
import { FlowEffects } from './effects.js';
import { IngestFlow } from './ingest.flow.js';
import { PoisonGuard } from './poison-guard.js';
import { PlanOnSegmentRun, RenderOnSend } from './recall.flow.js';
import { Schedule } from './schedule.js';

@Injectable()
class JournalProgress extends EvaluatedUntil {
  constructor(private readonly modules: ModuleRef) {
    super();
  }

  get(): Promise<number> {
    return this.modules.get(JournalReader, { strict: false }).processedUntil();
  }
}

@Injectable()
class ReplayToJournal extends ReplaySink {
  constructor(private readonly modules: ModuleRef) {
    super();
  }

  replay(envelope: Envelope): Promise<void> {
    return this.modules.get(Journal, { strict: false }).append(envelope);
  }
}

/** What an admin asks for takes the way of the events, so that it has its place among them. */
@Injectable()
class MergeRequestsToJournal extends MergeRequestSink {
  constructor(
    private readonly modules: ModuleRef,
    private readonly clock: Clock,
  ) {
    super();
  }

  submit(projectId: ProjectId, item: JsonObject): Promise<void> {
    const envelope = {
      source: 'internal',
      projectId,
      receivedAt: this.clock.now(),
      ip: '',
      userAgent: '',
      query: '',
    };
    const body = Buffer.from(JSON.stringify([item]));
    return this.modules.get(Journal, { strict: false }).append({ ...envelope, body });
  }
}

@Injectable()
class InspectByDecoder extends PayloadInspector {
  constructor(private readonly modules: ModuleRef) {
    super();
  }

  inspect(envelope: Envelope) {
    return this.modules.get(Decoder, { strict: false }).inspect(envelope);
  }

  judge(envelope: Envelope) {
    return this.modules.get(Decoder, { strict: false }).judge(envelope);
  }
}

@Injectable()
class KeysOfDecoder extends SdkKeys {
  constructor(private readonly modules: ModuleRef) {
    super();
  }

  listPublished(projectId: ProjectId) {
    return this.modules.get(PublicKeys, { strict: false }).listPublished(projectId);
  }
}

/** Ties the stages together. Global: its sinks are what the stages inject instead of one another. */
@Global()
@Module({
  imports: [
    AttributionModule,
    ChurnModule,
    CollectModule,
    DecodeModule,
    DeliverModule,
    FeatureModule,
    IdentifyModule,
    JournalModule,
    LinkModule,
    QueryModule,
    RecallModule,
    ReportModule,
    SegmentModule,
    StoreModule,
    TriggerModule,
  ],
  providers: [
    IngestFlow,
    PoisonGuard,
    Schedule,
    { provide: EffectSink, useClass: FlowEffects },
    { provide: SegmentRunListener, useClass: PlanOnSegmentRun },
    { provide: MessageRenderer, useClass: RenderOnSend },
    { provide: EvaluatedUntil, useClass: JournalProgress },
    { provide: ReplaySink, useClass: ReplayToJournal },
    { provide: MergeRequestSink, useClass: MergeRequestsToJournal },
    { provide: PayloadInspector, useClass: InspectByDecoder },
    { provide: SdkKeys, useClass: KeysOfDecoder },
  ],
  exports: [
    EffectSink,
    SegmentRunListener,
    MessageRenderer,
    EvaluatedUntil,
    ReplaySink,
    MergeRequestSink,
    PayloadInspector,
    SdkKeys,
  ],
})
export class FlowModule {}
