/** What this user may do with a file or folder, and whose it is. */
export interface Access {
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  /** The number of the user that it belongs to; `null` where the system has none. */
  readonly owner: number | null;
}

/** A database, what SQLite keeps beside it, and the folder around them. */
export interface SourceAccess {
  readonly path: string;
  readonly folder: string;
  readonly isWal: boolean;
  readonly database: Access;
  /** The sidecars that there are, by their endings: `-wal`, `-shm`, `-journal`. */
  readonly sidecars: Readonly<Record<string, Access>>;
  readonly around: Access;
  /** The user that we are; `null` where the system has no numbers. */
  readonly user: number | null;
}

export interface AccessProblem {
  readonly verdict: 'warning' | 'bad';
  readonly message: string;
  readonly hint: string;
}

/** What may keep a database from being read at night, or its own program from writing it, worst first. */
export function judgeAccess(access: SourceAccess): AccessProblem[] {
  const { around, database, folder, isWal, path, sidecars, user } = access;
  const whose = (owner: number | null) =>
    owner === null || owner === user ? '' : `: it belongs to user ${owner}, and this is user ${user}`;
  const problems: AccessProblem[] = [];
  for (const [name, one] of [[path, database] as const, ...named(path, sidecars)]) {
    if (one.isReadable) continue;
    problems.push({
      verdict: 'bad',
      message: `${name} may not be read by this user${whose(one.owner)}`,
      hint: 'let this user read it: chmod or chown',
    });
  }
  for (const [name, one] of named(path, sidecars)) {
    if (one.owner === database.owner) continue;
    problems.push({
      verdict: 'warning',
      message: `${name} belongs to user ${one.owner}, and the database to user ${database.owner}: its own program may be locked out`,
      hint: 'some program has opened the database as another user: give the file to the owner of the database',
    });
  }
  const index = sidecars['-shm'];
  if (isWal && index !== undefined && !index.isWritable) {
    problems.push({
      verdict: 'warning',
      message: `${path}-shm may not be written by this user${whose(index.owner)}`,
      hint: 'SQLite locks with it: without it, a snapshot beside a writer may be refused',
    });
  }
  if (isWal && index === undefined && !around.isWritable) {
    problems.push({
      verdict: 'warning',
      message: `SQLite cannot make a -wal and -shm in ${folder}, which this user may not write${whose(around.owner)}`,
      hint: 'that is no matter while its program has it open; otherwise its files are copied as they are',
    });
  }
  return problems.toSorted((a, b) => a.verdict.localeCompare(b.verdict));
}

function named(path: string, sidecars: Readonly<Record<string, Access>>): (readonly [string, Access])[] {
  return Object.entries(sidecars).map(([ending, access]) => [path + ending, access] as const);
}
