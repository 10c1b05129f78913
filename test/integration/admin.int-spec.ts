import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Rekindle, startRekindleAnew, type TestProject } from '../support/rekindle.js';

interface Operation {
  method: string;
  path: string;
}

/** Questions that are asked by POST, because they have a body. */
const READS_ONLY = /\/(preview|explain|difference|forecast)$|\/query\//;

describe('admin API', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let other: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindleAnew();
    project = await rekindle.newProject();
    other = await rekindle.newProject();
  });
  afterAll(() => rekindle.stop());

  const makeKey = async (of: TestProject, scopes: string[]) =>
    (await of.api('POST', 'keys', { name: scopes.join(), scopes })).json.apiKey as string;
  const call = (key: string | null, method: string, path: string, body?: string, type = 'application/json') =>
    fetch(`${rekindle.url}${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
    });

  async function adminOperations(): Promise<Operation[]> {
    const document = JSON.parse(await readFile('docs/openapi.json', 'utf8')) as {
      paths: Record<string, object>;
    };
    return Object.entries(document.paths)
      .filter(([path]) => path.startsWith('/api/'))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => ({
          method: method.toUpperCase(),
          path: path.replace('{project}', project.slug).replaceAll(/\{\w+\}/g, 'x'),
        })),
      );
  }

  it('asks for a key on every route', async () => {
    const open: string[] = [];
    for (const { method, path } of await adminOperations()) {
      const answers = [await call(null, method, path), await call('rk_wrong', method, path)];
      if (answers.some(({ status }) => status !== 401)) open.push(`${method} ${path}`);
    }
    expect(open).toEqual([]);
  });

  it('keeps the keys of another project out of every route of a project', async () => {
    const foreign = await makeKey(other, ['admin']);
    const open: string[] = [];
    for (const { method, path } of await adminOperations()) {
      if (!path.includes(`/projects/${project.slug}`)) continue;
      const answer = await call(foreign, method, path, method === 'GET' ? undefined : '{}');
      const { code } = (await answer.json()) as { code: string };
      if (answer.status !== 404 || code !== 'project_not_found')
        open.push(`${method} ${path} ${answer.status}`);
    }
    expect(open).toEqual([]);
  });

  it('lets a viewer write nothing', async () => {
    const viewer = await makeKey(project, ['viewer']);
    const open: string[] = [];
    for (const { method, path } of await adminOperations()) {
      if (method === 'GET' || READS_ONLY.test(path)) continue;
      const answer = await call(viewer, method, path, '{}');
      if (answer.status !== 403) open.push(`${method} ${path} ${answer.status}`);
    }
    expect(open).toEqual([]);
  });

  it('stops a revoked key within seconds', async () => {
    const made = await project.api('POST', 'keys', { name: 'short-lived', scopes: ['viewer'] });
    expect((await call(made.json.apiKey, 'GET', `/api/v1/projects/${project.slug}`)).status).toBe(200);
    expect((await project.api('DELETE', `keys/${made.json.id}`)).status).toBe(204);
    expect((await call(made.json.apiKey, 'GET', `/api/v1/projects/${project.slug}`)).status).toBe(401);
  });

  it('names every wrong field at once, unknown ones too', async () => {
    const answer = await rekindle.api('POST', 'projects', {
      slug: 'UPPER',
      timeZone: 'Mars/Base',
      colour: 'red',
    });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.json).toMatchObject({ code: 'invalid_request', status: 422 });
    const pointers = answer.json.errors.map(({ pointer }: { pointer: string }) => pointer).sort();
    expect(pointers).toEqual(['/colour', '/name', '/slug', '/timeZone']);
  });

  it.each([
    ['a body that is not JSON', '{"slug":', 'application/json', 400, 'malformed_json'],
    ['a body of another type', 'slug=x', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    [
      'a body that is too large',
      JSON.stringify({ slug: 'x'.repeat(3_000_000) }),
      'application/json',
      413,
      'body_too_large',
    ],
  ])('answers %s with what to change', async (_, body, type, status, code) => {
    const answer = await call(rekindle.adminKey, 'POST', '/api/v1/projects', body, type);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code, instance: expect.stringMatching(/^urn:request:req_/) });
  });

  it('survives characters that PostgreSQL cannot keep', async () => {
    const written = await rekindle.api('POST', 'projects', { slug: 'nul', name: 'a\u0000b\ud800' });
    expect(written.status).not.toBe(500);
    const read = await call(rekindle.adminKey, 'GET', `/api/v1/projects/${project.slug}/segments/a%00b`);
    expect(read.status).toBe(404);
  });

  it('does a write with an Idempotency-Key once', async () => {
    const body = { targetUrl: 'https://example.com/once' };
    const headers = { 'idempotency-key': 'k-1' };
    const first = await project.api('POST', 'links', body, headers);
    const again = await project.api('POST', 'links', body, headers);
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.json.id).toBe(first.json.id);
    const reused = await project.api('POST', 'links', { targetUrl: 'https://example.com/other' }, headers);
    expect(reused.json.code).toBe('idempotency_key_reused');
  });

  it('writes every change into the audit log, without secrets', async () => {
    await project.api('POST', 'collect-tokens', { name: 'audited' });
    const { items } = (await project.api('GET', 'audit')).json;
    expect(items[0]).toMatchObject({
      method: 'POST',
      path: `/api/v1/projects/${project.slug}/collect-tokens`,
      status: 201,
    });
    expect(JSON.stringify(items)).not.toContain(rekindle.adminKey);
  });

  it('tells when its port is taken, in one sentence', async () => {
    const port = new URL(rekindle.url).port;
    const dataDir = `${rekindle.dataDir}-second`;
    const child = spawn(process.execPath, [resolve('dist/src/app/main.js')], {
      env: { PATH: process.env['PATH'] ?? '', HTTP_PORT: port, DATA_DIR: dataDir },
    });
    let errors = '';
    child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
    const code = await new Promise((done) => child.once('close', done));
    await rm(dataDir, { recursive: true, force: true });
    expect(code).toBe(1);
    expect(errors).toContain(`Port ${port} on 127.0.0.1 is in use: set HTTP_PORT`);
  });

  it('names every wrong setting before anything starts', async () => {
    const child = spawn(process.execPath, [resolve('dist/src/app/main.js')], {
      env: { PATH: process.env['PATH'] ?? '', HTTP_PORT: 'http', ROLE: 'cook' },
    });
    let errors = '';
    child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
    expect(await new Promise((done) => child.once('close', done))).toBe(1);
    expect(errors).toMatch(/HTTP_PORT.*ROLE|ROLE.*HTTP_PORT/s);
  });
});
