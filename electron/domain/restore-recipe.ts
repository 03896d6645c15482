/** The file that holds the recipe beside the snapshots at every destination. */
export const recipeFileName = 'RESTORE.txt';

/**
 * How a person restores without Nightjar, with tools that macOS and Linux have or can have. Lies beside the snapshots and in every delta.
 * The commands are tested as they stand here: those between two lines of three backticks.
 */
export const restoreRecipe = `HOW TO RESTORE FROM THESE FILES WITHOUT NIGHTJAR

Each snapshot is the state of one SQLite database, and is named by its day:

  2026-11-01.db.gz      a full: the whole database, compressed with gzip (.db.zst: with zstd)
  2026-11-25.delta.gz   a delta: the pages of the database that differ from those of one full, its base
  2026-11-25.json       what is known of the snapshot of that day: the SHA-256 of the database, and a delta's base
  2026-11-01.pages      not needed for a restore

In a terminal, make an empty folder, copy the files that you need into it, and go there. Put your names in the place of those below.

1. FROM A FULL

\`\`\`
gunzip -c 2026-11-01.db.gz > restored.db
\`\`\`

For a .db.zst: zstd -d -o restored.db 2026-11-01.db.zst
Go on with 3.

2. FROM A DELTA

You need the delta and its base. The base is named in the .json of the delta. Unpack both, the base as in 1:

\`\`\`
gunzip -c 2026-11-01.db.gz > restored.db
gunzip -c 2026-11-25.delta.gz > delta.db
\`\`\`

Then lay the delta's pages over the base: either with Python 3 (A) or with sqlite3 and dd (B).

A. Save these lines as restore.py:

\`\`\`
import hashlib, sqlite3
delta = sqlite3.connect("delta.db")
meta = dict(delta.execute("SELECT key, value FROM meta"))
size, count = int(meta["page_size"]), int(meta["page_count"])
digest = hashlib.sha256()
with open("restored.db", "r+b") as file:
    for number, data in delta.execute("SELECT pgno, data FROM page ORDER BY pgno"):
        file.seek((number - 1) * size)
        file.write(data)
    file.truncate(count * size)
    file.seek(0)
    for block in iter(lambda: file.read(1 << 20), b""):
        digest.update(block)
if digest.hexdigest() != meta["raw_sha256"]:
    raise SystemExit("restored.db is WRONG: a file is damaged, or the base is not " + meta["base"])
print("restored.db is right")
\`\`\`

and run them:

\`\`\`
python3 restore.py
\`\`\`

B. Or run these commands; there is a dd for each changed page, so that many of them take a while:

\`\`\`
mkdir pages
sqlite3 delta.db "SELECT count(writefile('pages/' || pgno, data)) || ' pages' FROM page"
size=$(sqlite3 delta.db "SELECT value FROM meta WHERE key = 'page_size'")
count=$(sqlite3 delta.db "SELECT value FROM meta WHERE key = 'page_count'")
for number in $(ls pages); do dd if=pages/$number of=restored.db bs=$size seek=$((number - 1)) conv=notrunc 2>/dev/null; done
dd if=/dev/null of=restored.db bs=$size seek=$count
sqlite3 delta.db "SELECT value FROM meta WHERE key = 'raw_sha256'"
shasum -a 256 restored.db || sha256sum restored.db
\`\`\`

The last two answers must begin with the same 64 letters and digits. Otherwise a file is damaged, or the base is another one.

3. CHECK IT

\`\`\`
sqlite3 restored.db "PRAGMA integrity_check"
\`\`\`

It must answer: ok

4. PUT IT IN ITS PLACE

Quit the program that uses the database. Move its old file away, and with it the files of the same name that end with -wal, -shm or
-journal: what they hold belongs to the old file and would damage the new one. Then move restored.db to where the old file was.
`;
