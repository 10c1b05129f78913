import type { EngineProcess } from './engine-process.js';

/** What one embedded engine needs to know to start. */
export interface EngineSite {
  /** Absolute path of the data folder that all engines share. */
  dataDir: string;
  password: string;
  /** Whether the password is from an earlier start; an engine's data without it is not ours. */
  passwordExisted: boolean;
  /** Where the engine was before it died; without it any free port will do. */
  port: number | undefined;
  onLine: (line: string) => void;
}

export interface StartedEngine {
  engine: EngineProcess;
  url: string;
  /** Of the server itself, not of what watches over it. */
  pid: number | undefined;
}
