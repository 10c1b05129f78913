import { startRekindle, track, waitFor } from '../support/rekindle.js';

describe('A run of a churn model', () => {
  it.each<[string, Record<string, string>, string]>([
    ['that takes too long', { CHURN_TIMEOUT_MS: '1' }, 'The run took longer than it may, which is 0.001 s.'],
    [
      'that looks at too many users',
      { CHURN_TABLE_BYTES: '1024' },
      'The model looks at more users than fit into memory.',
    ],
  ])(
    '%s is ended, and says so',
    async (_, env, error) => {
      const rekindle = await startRekindle(env);
      try {
        const project = await rekindle.newProject();
        const events = Array.from({ length: 50 }, (__, i) => track(`user-${i}`, 'visit'));
        await rekindle.sendEvents(project.slug, events);
        const where = { event: 'visit', window: 'all_time', compare: { op: 'at_least', value: 1 } };
        await waitFor(async () => {
          const { json } = await project.api('POST', 'segments/preview', {
            definition: { version: 1, where },
          });
          return json.count === events.length;
        });
        const definition = { kind: 'rfm', activity: { event: 'visit' } };
        const model = await project.api('POST', 'churn-models', { name: 'any', definition });
        const path = `churn-models/${model.json.id}/runs`;
        const started = await project.api('POST', path, { task: 'train' });
        const ended = await waitFor(async () => {
          const { json } = await project.api('GET', `${path}/${started.json.id}`);
          return json.finishedAt ? json : null;
        });
        expect(ended).toMatchObject({ state: 'failed', attempts: 1, error });
      } finally {
        await rekindle.stop();
      }
    },
    150_000,
  );
});
