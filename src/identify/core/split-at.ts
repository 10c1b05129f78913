/** Cuts a list into runs, in order: each item that `stands alone` is a run of its own. */
export function splitAt<T>(items: readonly T[], standsAlone: (item: T) => boolean): T[][] {
  const runs: T[][] = [];
  let open: T[] | null = null;
  for (const item of items) {
    if (standsAlone(item)) {
      runs.push([item]);
      open = null;
    } else if (open) {
      open.push(item);
    } else {
      open = [item];
      runs.push(open);
    }
  }
  return runs;
}
