import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext } from 'node:vm';

type Properties = Record<string, unknown>;

/** The part of the mini-program SDK that tests use; the package's types know less than it can do. */
export interface MiniProgramSdk {
  setPara(settings: Properties): void;
  init(): void;
  track(event: string, properties?: Properties): void;
  login(id: string): void;
  setProfile(properties: Properties): void;
  setOnceProfile(properties: Properties): void;
  incrementProfile(properties: Properties): void;
  appendProfile(properties: Properties): void;
  bind(key: string, value: string): void;
}

interface WxRequest {
  url: string;
  method: string;
  header?: Record<string, string>;
  data?: string;
  success?: (answer: { statusCode: number; data: string }) => void;
  fail?: (error: { errMsg: string }) => void;
  complete?: (answer: unknown) => void;
}
interface WxOptions {
  key?: string;
  success?: (answer: unknown) => void;
  fail?: (error: unknown) => void;
  complete?: (answer: unknown) => void;
}

/** A phone with the mini-program: the SDK in a world of its own, and the requests that it made. */
export interface MiniProgram {
  sdk: MiniProgramSdk;
  requests: { method: string; url: string; contentType: string; body: string; status: number | null }[];
  /** Ends the clocks of the SDK, which would run for ever. */
  stop: () => void;
}

/** Starts the SDK among stand-ins for what WeChat gives a mini-program; its requests are real. */
export function startMiniProgram(isOnline: () => boolean = () => true): MiniProgram {
  const requests: MiniProgram['requests'] = [];
  const clocks: NodeJS.Timeout[] = [];
  const keep = (clock: NodeJS.Timeout) => {
    clocks.push(clock);
    return clock;
  };
  const file = createRequire(import.meta.url).resolve('sa-sdk-miniprogram/dist/wechat/sensorsdata.cjs.js');
  const world: Record<string, unknown> = {
    wx: wxApi(requests, isOnline),
    module: { exports: {} },
    console,
    setTimeout: (run: () => void, ms: number) => keep(setTimeout(run, ms)),
    clearTimeout,
    setInterval: (run: () => void, ms: number) => keep(setInterval(run, ms)),
    clearInterval,
    App: () => undefined,
    Page: () => undefined,
    Component: () => undefined,
    getApp: () => ({}),
    getCurrentPages: () => [{ route: 'pages/index/index', options: {} }],
  };
  world['global'] = world;
  runInContext(readFileSync(file, 'utf8'), createContext(world));
  return {
    sdk: (world['module'] as { exports: MiniProgramSdk }).exports,
    requests,
    stop: () => {
      for (const clock of clocks) clearTimeout(clock);
    },
  };
}

function wxApi(requests: MiniProgram['requests'], isOnline: () => boolean) {
  const storage = new Map<string, unknown>();
  const answer = (value: unknown) => (options: WxOptions) => {
    options.success?.(value);
    options.complete?.(value);
  };
  return {
    getSystemInfo: answer({
      brand: 'devtools',
      model: 'iPhone',
      system: 'iOS 17.0',
      platform: 'ios',
      SDKVersion: '3.5.0',
    }),
    getNetworkType: answer({ networkType: 'wifi' }),
    getStorageSync: (key: string) => storage.get(key) ?? '',
    setStorageSync: (key: string, value: unknown) => void storage.set(key, value),
    getStorage: ({ key = '', ...options }: WxOptions) => {
      if (storage.has(key)) options.success?.({ data: storage.get(key) });
      else options.fail?.({ errMsg: 'no data' });
      options.complete?.({});
    },
    getLaunchOptionsSync: () => ({ scene: 1001, path: 'pages/index/index', query: {} }),
    getAccountInfoSync: () => ({ miniProgram: { appId: 'wx0000000000000000' } }),
    onAppShow: () => undefined,
    onAppHide: () => undefined,
    onNetworkStatusChange: () => undefined,
    setNavigationBarTitle: () => undefined,
    request: (options: WxRequest) => {
      void send(options, requests, isOnline());
      return { abort: () => undefined };
    },
  };
}

async function send(
  { url, method, header, data, success, fail, complete }: WxRequest,
  requests: MiniProgram['requests'],
  isOnline: boolean,
): Promise<void> {
  const contentType = header?.['content-type'] ?? header?.['Content-Type'] ?? '';
  const seen: MiniProgram['requests'][number] = { method, url, contentType, body: data ?? '', status: null };
  requests.push(seen);
  if (!isOnline) {
    fail?.({ errMsg: 'request:fail' });
    complete?.({ errMsg: 'request:fail' });
    return;
  }
  const response = await fetch(url, {
    method,
    headers: header ?? {},
    ...(data === undefined ? {} : { body: data }),
  });
  seen.status = response.status;
  const answer = { statusCode: response.status, data: await response.text() };
  success?.(answer);
  complete?.(answer);
}
