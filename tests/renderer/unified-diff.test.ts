import { expect, it } from 'vitest';
import { parseDiff } from '../../renderer/pages/restore/unified-diff.ts';

const changed = `diff --git a/notes/a b.md b/notes/a b.md
index 1111111..2222222 100644
--- a/notes/a b.md\t
+++ b/notes/a b.md\t
@@ -1,4 +1,4 @@ heading
 one
--- a list
+++ another
 three
-four
\\ No newline at end of file
+4
`;

it('reads the lines of a change with their numbers, also those that look like its own', () => {
  const { files, notes } = parseDiff(changed);
  expect(notes).toEqual([]);
  expect(files).toEqual([
    {
      path: 'notes/a b.md',
      kind: 'changed',
      isBinary: false,
      hunks: [
        {
          title: 'heading',
          lines: [
            { kind: 'same', text: 'one', before: 1, after: 1 },
            { kind: 'removed', text: '-- a list', before: 2, after: null },
            { kind: 'added', text: '++ another', before: null, after: 2 },
            { kind: 'same', text: 'three', before: 3, after: 3 },
            { kind: 'removed', text: 'four', before: 4, after: null },
            { kind: 'note', text: 'no line break at the end', before: null, after: null },
            { kind: 'added', text: '4', before: null, after: 4 },
          ],
        },
      ],
    },
  ]);
});

it('tells new, deleted and binary files apart', () => {
  const diff = [
    'diff --git a/new.md b/new.md',
    'new file mode 100644',
    'index 0000000..1111111',
    '--- /dev/null',
    '+++ b/new.md',
    '@@ -0,0 +1 @@',
    '+only',
    'diff --git a/old.md b/old.md',
    'deleted file mode 100644',
    'index 1111111..0000000',
    '--- a/old.md',
    '+++ /dev/null',
    '@@ -1 +0,0 @@',
    '-only',
    'diff --git a/empty b/empty',
    'new file mode 100644',
    'diff --git a/p.bin b/p.bin',
    'index 1111111..2222222 100644',
    'Binary files a/p.bin and b/p.bin differ',
    '',
  ].join('\n');
  expect(parseDiff(diff).files.map(({ hunks, isBinary, kind, path }) => [path, kind, isBinary, hunks.length])).toEqual([
    ['new.md', 'added', false, 1],
    ['old.md', 'deleted', false, 1],
    ['empty', 'added', false, 0],
    ['p.bin', 'changed', true, 0],
  ]);
});

it('says what was left out', () => {
  expect(parseDiff('\\ this change is too large to be shown\n')).toEqual({ files: [], notes: ['this change is too large to be shown'] });
  const cut = `${changed.split('\n').slice(0, 7).join('\n')}\n\\ cut at 256 KiB; the change is longer\n`;
  expect(parseDiff(cut).notes).toEqual(['cut at 256 KiB; the change is longer']);
  expect(parseDiff('')).toEqual({ files: [], notes: [] });
});

it.each([
  ['"b/say \\"no\\".md"', 'say "no".md'],
  ['"b/a\\\\b\\tc\\001.md"', 'a\\b\tc\u0001.md'],
  ['b/Übersicht 100%.md', 'Übersicht 100%.md'],
])('reads a path that git has written as %s', (written, path) => {
  const head = `diff --git ${written.replace('b/', 'a/')} ${written}\nnew file mode 100644\n`;
  expect(parseDiff(head).files.map((file) => file.path)).toEqual([path]);
});
