import { readFileSync } from 'node:fs';
import type { CallbackConversion } from '../core/ad-network.js';
import { checkCallbackUrl } from '../core/check-callback-url.js';
import type { DeviceId } from '../core/normalise-device-id.js';
import { AD_NETWORKS } from './index.js';

interface ClickFixture {
  name: string;
  query: string;
  expected: Record<string, unknown> & { ids: string[] };
}
interface CallbackFixture {
  name: string;
  conversion: CallbackConversion;
  query: string;
  settings: object;
  expected: { method: string; url: string; headers: Record<string, string>; body: unknown } | null;
}
interface AnswerFixture {
  status: number;
  body: string;
  expected: string;
}

function fixtures<T>(network: string, file: string): T[] {
  const folder = network.replaceAll('_', '-');
  return JSON.parse(
    readFileSync(new URL(`./${folder}/fixtures/${file}.json`, import.meta.url), 'utf8'),
  ) as T[];
}

const show = ({ kind, raw, hashes }: DeviceId) =>
  raw === null ? `${kind} md5 ${hashes[0]}` : `${kind} raw ${raw}`;

describe('the registry of ad networks', () => {
  it('names each network once', () => {
    const names = AD_NETWORKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[a-z][a-z0-9_]*$/.test(name))).toBe(true);
  });
});

describe.each(AD_NETWORKS.map((network) => ({ name: network.name, network })))(
  '$name',
  ({ name, network }) => {
    it.each(fixtures<ClickFixture>(name, 'clicks'))('reads $name', ({ query, expected }) => {
      const { ids, ...rest } = expected;
      const { deviceIds, ...parsed } = network.parseClick(new URLSearchParams(query));
      expect({ ids: deviceIds.map(show), ...parsed }).toEqual({ ids, ...rest });
    });

    it.each(fixtures<CallbackFixture>(name, 'callbacks'))('tells of $name', (fixture) => {
      const click = network.parseClick(new URLSearchParams(fixture.query));
      const built = network.buildCallback(fixture.conversion, click, fixture.settings);
      if (fixture.expected === null) {
        expect(built).toEqual({ kind: 'impossible', detail: expect.any(String) });
        return;
      }
      if (built.kind === 'impossible') throw new Error(built.detail);
      const { body, ...request } = built.request;
      expect({ ...request, body: body === null ? null : JSON.parse(body) }).toEqual(fixture.expected);
      expect(checkCallbackUrl(request.url, network.callbackHosts, [])).toBeNull();
    });

    it.each(fixtures<AnswerFixture>(name, 'answers'))(
      'reads an answer of $status $body as $expected',
      (fixture) => {
        expect(network.readCallbackAnswer(fixture.status, fixture.body).kind).toBe(fixture.expected);
      },
    );

    it.each(['', '%', 'a=%E4%A', '&&&=', 'callback[]=1', `ua=${'x'.repeat(20_000)}`, 'oaid=%00', '\u0000'])(
      'reads a click of %j without an error or a NUL',
      (query) => {
        const parsed = JSON.stringify(network.parseClick(new URLSearchParams(query)));
        expect(parsed).not.toContain('\\u0000');
        expect(parsed.length).toBeLessThan(17_000);
      },
    );

    it.each(['', 'null', '[]', '"0"', '{"code":"0"}', '{', '\u0000'])(
      'takes a body of %j for no acceptance',
      (body) => {
        expect(network.readCallbackAnswer(200, body).kind).not.toBe('accepted');
      },
    );

    it('never takes an outage for an acceptance', () => {
      for (const { body } of fixtures<AnswerFixture>(name, 'answers')) {
        expect(network.readCallbackAnswer(503, body).kind).toBe('retry');
      }
    });

    it('works for a project without settings, on its own hosts', () => {
      const settings = network.settings.parse({});
      for (const url of Object.values(network.callbackUrls(settings))) {
        expect(checkCallbackUrl(url, network.callbackHosts, [])).toBeNull();
      }
    });

    it('makes links whose macros stand as the network looks for them', () => {
      const all = network.clickUrl('https://example.com/ad/click/c', { os: null });
      for (const { parameter, macro } of network.clickMacros) expect(all).toContain(`${parameter}=${macro}`);
      const android = network.clickUrl('https://example.com/ad/click/c', { os: 'android' });
      const foreign = network.clickMacros.filter(({ os }) => os === 'ios');
      for (const { macro } of foreign) expect(android).not.toContain(`=${macro}&`);
      // Baidu's limit, the shortest known.
      expect(all.length).toBeLessThanOrEqual(2_048);
    });

    it('takes a link whose macros nobody replaced for a click without ids', () => {
      const link = network.clickUrl('https://example.com/ad/click/c', { os: null });
      const parsed = network.parseClick(new URL(link).searchParams);
      expect(parsed).toMatchObject({
        deviceIds: [],
        clickTokens: [],
        callbackParam: null,
        ip: null,
        userAgent: null,
      });
    });
  },
);
