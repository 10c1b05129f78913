import { compiled, lgam, psi } from 'cephes';

// The library is WebAssembly: its functions exist once this is done.
await compiled;

/** Natural logarithm of the gamma function, for x > 0. Source: Cephes, `lgam`. */
export function logGamma(x: number): number {
  return lgam(x);
}

/** Derivative of `logGamma`. Source: Cephes, `psi`. */
export function digamma(x: number): number {
  return psi(x);
}

const MAX_TERMS = 5_000_000;
const LARGE = 1e200;

/**
 * Gauss' hypergeometric function 2F1(a, b; c; z) times exp(logScale), by its series.
 *
 * For positive a and b and 0 <= z < 1; c is positive, or between -1 and 0. All terms but the first have one sign, so
 * that nothing cancels; the sum is scaled on the way, so that nothing overflows where the scale makes it small again.
 * (The library's own function gives up for many of the numbers that purchases bring.)
 */
export function scaledHyp2f1(
  [a, b, c]: readonly [number, number, number],
  z: number,
  logScale: number,
): number {
  let term = 1;
  let sum = 1;
  let scale = logScale;
  for (let n = 0; n < MAX_TERMS; n++) {
    const ratio = (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    term *= ratio;
    sum += term;
    if (Math.abs(sum) > LARGE) {
      term /= LARGE;
      sum /= LARGE;
      scale += Math.log(LARGE);
    }
    // Ratios fall towards z or rise towards it: what is left is no more than a geometric series of the larger.
    const bound = Math.max(Math.abs(ratio), z);
    if (bound < 1 && (Math.abs(term) * bound) / (1 - bound) < 1e-15 * Math.abs(sum)) break;
  }
  return Math.sign(sum) * Math.exp(Math.log(Math.abs(sum)) + scale);
}
