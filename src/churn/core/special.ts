import { hyp2f1 as cephesHyp2f1, compiled, lgam } from 'cephes';

// The library is WebAssembly: its functions exist once this is done.
await compiled;

/** Natural logarithm of the gamma function, for x > 0. Source: Cephes, `lgam`. */
export function logGamma(x: number): number {
  return lgam(x);
}

/** Gauss hypergeometric function 2F1(a, b; c; z) for z < 1, continued beyond its series. Source: Cephes, `hyp2f1`. */
export function hyp2f1(a: number, b: number, c: number, z: number): number {
  return cephesHyp2f1(a, b, c, z);
}
