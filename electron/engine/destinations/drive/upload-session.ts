/**
 * An upload that is under way, as it survives the program. The session's address is a secret: whoever has it can write to the account
 * without signing in.
 */
export interface UploadSession {
  readonly address: string;
  readonly startedAtMs: number;
  /** What is sent: a session takes one content only. */
  readonly bytes: number;
  readonly sha256: string;
  /** How much of the content was ever offered to the service, and the SHA-256 of that prefix. */
  readonly offered: { readonly bytes: number; readonly sha256: string };
}

/** Where the session of one upload is kept. */
export interface SessionKeeper {
  /** `null` where none is kept. */
  load(): Promise<UploadSession | null>;
  /** Keeps a new session. When it resolves, the session is found again after a crash. */
  save(session: UploadSession): Promise<void>;
  /** Notes what is about to be offered, before it is. */
  offer(offered: UploadSession['offered']): void;
  forget(): Promise<void>;
}

/** Google says a week from the beginning in one place and a week without use in another; six days are safe in both. */
export const sessionLifeMs = 6 * 86_400_000;

/** True for a session that may still be open and is for this very content. */
export function isUsable(session: UploadSession, content: { readonly bytes: number; readonly sha256: string }, nowMs: number): boolean {
  const ageMs = nowMs - session.startedAtMs;
  return ageMs >= 0 && ageMs < sessionLifeMs && session.bytes === content.bytes && session.sha256 === content.sha256;
}
