/** Work that a stage wants done again and again, by one process at a time. */
export interface UpkeepTask {
  name: string;
  everyMs: number;
  run: () => Promise<void>;
}
