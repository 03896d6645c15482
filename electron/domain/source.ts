import { z } from 'zod';

/** How thoroughly SQLite checks the finished copy. */
export const sqliteChecks = ['quick_check', 'integrity_check'] as const;
export type SqliteCheck = (typeof sqliteChecks)[number];

/** How a database keeps its text, for the whole of its life (SQLite file format, section 1.3.13). */
export const textEncodings = ['UTF-8', 'UTF-16le', 'UTF-16be'] as const;
export type TextEncoding = (typeof textEncodings)[number];

export const sqliteSourceSchema = z.strictObject({
  kind: z.literal('sqlite'),
  /** Absolute path of the database file. */
  path: z.string().min(1),
  check: z.enum(sqliteChecks).default('quick_check'),
  /** A query whose first value says that the content is real, such as the number of notes. */
  sentinel: z.string().min(1).optional(),
});
export type SqliteSource = z.infer<typeof sqliteSourceSchema>;

/** What a commit says where nothing else was asked for. */
export const defaultMessage = 'back up {item} ({reason})';

export const gitSourceSchema = z.strictObject({
  kind: z.literal('git'),
  /** Absolute path of the working tree's root. */
  path: z.string().min(1),
  /** What of it is backed up: paths in the repository with forward slashes; the empty one is all of it. */
  stores: z.array(z.string()).min(1),
  branch: z.string().min(1).default('main'),
  remote: z.string().min(1).default('origin'),
  /** Names where pushes went when the job was set up, without telling it (S2-53); `null` where there was no such remote. */
  remoteFingerprint: z.string().min(1).nullable().default(null),
  push: z.boolean().default(false),
  /** The message of a commit, with `{item}` and `{reason}`; everything else in it is text (S2-43). */
  message: z.string().min(1).max(1000).default(defaultMessage),
  /** Lets the repository's own hooks run (S2-46). */
  hooks: z.boolean().default(false),
  /** Where the remote's branch has gone another way: push to `backup/HOST` beside it (S2-52). */
  fallback: z.boolean().default(false),
  /** How long a command may take that talks to the remote. */
  remoteLimitSeconds: z.int().min(1).max(86_400).default(600),
  /** Where it is off, no git is ever started (S2-24). */
  enabled: z.boolean().default(true),
});
export type GitSource = z.infer<typeof gitSourceSchema>;
