/** Who holds a data folder. */
export interface EngineInfo {
  /** `nightjar 1.2.3`; a client of another version may not understand it. */
  readonly program: string;
  readonly pid: number;
  /** The data folder. */
  readonly home: string;
  readonly startedAtMs: number;
  /** Whether it starts runs by itself, or is only there for a command. */
  readonly isAtWork: boolean;
}
