// The package has types, but its `exports` do not lead to them.
declare module 'cephes' {
  export const compiled: Promise<void>;
  export function lgam(x: number): number;
  export function psi(x: number): number;
}
