import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { newId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { log } from '../platform/log/log.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { hasOnnxRuntime, ONNX_RUNTIME, type OnnxProcess } from './compute/onnx-process.js';
import type { FileFault, ModelShape } from './core/check-onnx.js';
import { CannotFit } from './core/fit.js';
import type { OnnxDefinition } from './core/onnx-definition.js';
import type { ChurnModel } from './data/churn-model.repository.js';
import { ChurnTables } from './data/churn-tables.js';
import type { ModelFile } from './data/model-file.repository.js';
import { CHURN_PROBLEMS } from './http/churn.problems.js';
import { addCheckJob, CHECK_MODEL_FILE } from './jobs/check-model-file.job.js';
import { OnnxComputation } from './onnx-computation.js';

/** How long an upload waits for its check before it answers that it is still under way. */
const WAIT_MS = 20_000;
const POLL_MS = 100;
/** How often a file is checked whose worker died over it. */
const MAX_TRIES = 3;

/** Files of models that are brought along: taken by the API, checked by a worker. */
@Injectable()
export class ModelFileService implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly handlers: JobHandlers,
    private readonly tables: ChurnTables,
    private readonly onnx: OnnxComputation,
  ) {}

  onModuleInit(): void {
    this.handlers.handle(CHECK_MODEL_FILE, ({ fileId }) => this.check(fileId));
  }

  /** @throws where this model takes no file now; before anything of it is read */
  assertTakesFile({ definition, state }: ChurnModel): void {
    if (definition.kind !== 'onnx')
      throw new Problem(PROBLEMS.conflict, `A model of the kind ${definition.kind} has no file.`);
    if (state === 'archived') throw new Problem(PROBLEMS.conflict, 'The model is archived.');
    if (!hasOnnxRuntime()) {
      throw new Problem(
        CHURN_PROBLEMS.noRuntime,
        `The optional package ${ONNX_RUNTIME} is not installed: install it where the workers run.`,
      );
    }
  }

  /**
   * Keeps a file and waits for a worker's verdict. The newest file sent again is that file.
   * @returns the file, also while it is still being checked
   * @throws where it was refused
   */
  async take(model: ChurnModel, bytes: Buffer, trainedUntil: Date | null): Promise<ModelFile> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const newest = await this.tables.files.findNewest(model.id);
    const isSame =
      newest?.sha256 === sha256 &&
      newest.state !== 'refused' &&
      newest.trainedUntil?.getTime() === trainedUntil?.getTime();
    const id = isSame ? newest.id : await this.keep(model, { bytes, sha256, trainedUntil });
    const file = await this.settled(model.id, id);
    if (file.state !== 'refused') return file;
    const errors = (file.faults ?? []).map(({ code, detail }) => ({ pointer: '', code, detail }));
    throw new Problem(CHURN_PROBLEMS.fileRefused, errors.map(({ detail }) => detail).join(' '), errors);
  }

  private async keep(
    model: ChurnModel,
    given: { bytes: Buffer; sha256: string; trainedUntil: Date | null },
  ): Promise<string> {
    const nowMs = this.clock.now();
    const id = newId('churnModelFile', nowMs);
    const { sha256, trainedUntil } = given;
    await this.tables.files.insert(
      { id, modelId: model.id, projectId: model.projectId, sha256, trainedUntil, createdAt: new Date(nowMs) },
      given.bytes,
    );
    await addCheckJob(this.queue, { id, tries: 0 });
    return id;
  }

  private async settled(modelId: string, id: string): Promise<ModelFile> {
    const untilMs = Date.now() + WAIT_MS;
    for (;;) {
      const file = await this.tables.files.find(modelId, id);
      if (!file) throw notFound('file', id);
      if (file.state !== 'checking' || Date.now() >= untilMs) return file;
      await sleep(POLL_MS);
    }
  }

  private async check(fileId: string): Promise<void> {
    const file = await this.tables.files.beginCheck(fileId);
    if (!file) return;
    const model = await this.tables.models.find(file.projectId, file.modelId);
    if (model?.definition.kind !== 'onnx') return;
    const found =
      file.tries > MAX_TRIES
        ? refusal('Every worker that tried the model died.')
        : await this.tryOut(file, model.definition);
    await this.tables.files.settle(file, found, new Date(this.clock.now()));
  }

  private async tryOut(
    file: ModelFile,
    definition: OnnxDefinition,
  ): Promise<{ faults: FileFault[]; shape: ModelShape | null }> {
    let process: OnnxProcess | null = null;
    try {
      const bytes = await this.tables.files.readBytes(file.id);
      process = this.onnx.open(new AbortController().signal);
      return await process.ask({ do: 'open', file: bytes, definition });
    } catch (error) {
      if (error instanceof CannotFit) return refusal(error.message);
      log.warn({ err: error, fileId: file.id }, 'a file of a churn model could not be checked');
      throw error;
    } finally {
      process?.stop();
    }
  }
}

function refusal(detail: string): { faults: FileFault[]; shape: null } {
  return { faults: [{ code: 'cannot_be_run', detail }], shape: null };
}
