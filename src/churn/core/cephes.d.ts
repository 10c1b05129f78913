// The package has types, but its `exports` do not lead to them.
declare module 'cephes' {
  export const compiled: Promise<void>;
  export function lgam(x: number): number;
  export function hyp2f1(a: number, b: number, c: number, x: number): number;
}
