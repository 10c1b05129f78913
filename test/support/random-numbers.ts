/** Numbers that look random and are the same every time. */
export interface RandomNumbers {
  /** Above 0, below 1. */
  uniform(): number;
  normal(): number;
  /** Scale 1. */
  gamma(shape: number): number;
  beta(a: number, b: number): number;
}

/** Uniform numbers by the generator mulberry32. */
export function newRandom(seed: number): RandomNumbers {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  /** Source: G. Marsaglia, W. W. Tsang: A simple method for generating gamma variables. ACM TOMS 26 (2000). */
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const z = normal();
      const v = (1 + z / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(uniform()) < (z * z) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const beta = (a: number, b: number) => {
    const one = gamma(a);
    return one / (one + gamma(b));
  };
  return { uniform, normal, gamma, beta };
}
