import { gzipSync } from 'node:zlib';

const EVENTS = ['ViewProduct', 'AddToCart', 'PayOrder', '$pageview', '$AppStart', 'Search'];
const SHARES = [40, 50, 53, 85, 93, 100];

/** A source of repeatable pseudo-random numbers (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One record as a SensorsData server SDK sends it: about 20 properties, users with a skew. */
export function makeRecord(next, i, timeMs) {
  const share = next() * 100;
  const user = Math.floor(next() ** 3 * 50_000);
  const product = Math.floor(next() * 2_000);
  return {
    type: 'track',
    distinct_id: `user-${user}`,
    event: EVENTS[SHARES.findIndex((limit) => share < limit)] ?? 'Search',
    time: timeMs + (i % 1000),
    _track_id: i,
    lib: { $lib: 'Node', $lib_version: '1.2.6', $lib_method: 'code' },
    properties: {
      $os: user % 3 ? 'Android' : 'iOS',
      $os_version: `${10 + (user % 7)}`,
      $app_version: '5.12.0',
      $manufacturer: 'Acme',
      $model: `Phone ${user % 40}`,
      $screen_width: 1080,
      $screen_height: 2400,
      $network_type: 'WIFI',
      $wifi: true,
      $is_first_day: false,
      $url: `https://shop.example.com/product/${product}?from=list`,
      $title: `Product ${product}`,
      $referrer: 'https://shop.example.com/list',
      product_id: `P${product}`,
      category: `category-${product % 25}`,
      price: (product % 500) + 0.5,
      quantity: 1 + (i % 3),
      currency: 'EUR',
      is_member: user % 4 === 0,
      tags: ['new', `t${product % 9}`],
    },
  };
}

/** Form bodies with `data_list` of `size` records each: base64(gzip(JSON)), as the SDKs send them. */
export function makeBatches({ count, size, seed = 1, timeMs = Date.now() }) {
  const next = random(seed);
  return Array.from({ length: count }, (_, b) => {
    const records = Array.from({ length: size }, (_, i) =>
      makeRecord(next, seed * 100_000_000 + b * size + i, timeMs),
    );
    return `gzip=1&data_list=${encodeURIComponent(gzipSync(JSON.stringify(records)).toString('base64'))}`;
  });
}

/** Form bodies with `data` of one record each: base64(JSON), as the Web SDK sends them. */
export function makeSingles({ count, seed = 2, timeMs = Date.now() }) {
  const next = random(seed);
  return Array.from(
    { length: count },
    (_, i) =>
      `data=${encodeURIComponent(Buffer.from(JSON.stringify(makeRecord(next, seed * 100_000_000 + i, timeMs))).toString('base64'))}`,
  );
}
