import { Button, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import { counted } from '../../../electron/domain/units.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import styles from './diff-view.module.css';
import pieces from './pieces.module.css';
import type { Diff, DiffHunk, DiffLine, FileDiff } from './unified-diff.ts';

const signs: Readonly<Record<DiffLine['kind'], string>> = { added: '+', removed: '−', same: '', note: '' };
const spoken: Readonly<Record<DiffLine['kind'], string>> = { added: 'added: ', removed: 'removed: ', same: '', note: '' };
const shownAtFirst = 400;

interface DiffViewProps {
  readonly diff: Diff;
  /** Whether the files have to be told apart. */
  readonly isNamed: boolean;
}

/** What a version changed, for reading: each line by its sign and its colour. */
export function DiffView({ diff: { files, notes }, isNamed }: DiffViewProps) {
  return (
    <div>
      {files.map((file) => (
        <FileChange key={file.path} file={file} isNamed={isNamed} />
      ))}
      {notes.map((note) => (
        <p key={note} className={pieces.text}>
          <StatusMark mark="warning" label="Not all of it:" size={14} /> {note}
        </p>
      ))}
      {files.length === 0 && notes.length === 0 ? (
        <p className={pieces.text}>This version changed nothing of it that can be shown.</p>
      ) : null}
    </div>
  );
}

function FileChange({ file: { hunks, isBinary, kind, path }, isNamed }: { readonly file: FileDiff; readonly isNamed: boolean }) {
  const [isAll, setAll] = useState(false);
  const count = hunks.reduce((sum, { lines }) => sum + lines.length, 0);
  const shown = isAll ? hunks : firstLines(hunks, shownAtFirst);
  return (
    <section className={styles.file} aria-label={`Change of ${path}`}>
      {isNamed || kind !== 'changed' ? <h3 className={styles.name}>{isNamed ? `${path}${words[kind]}` : sentences[kind]}</h3> : null}
      {isBinary ? <p className={pieces.text}>It is not text, so its change cannot be read here. Restore it to look at it.</p> : null}
      {count === 0 ? null : (
        <table className={styles.code} aria-label={`Lines of ${path}`}>
          {shown.map((hunk, index) => (
            <Hunk key={`${String(hunk.lines[0]?.before)} ${String(hunk.lines[0]?.after)}`} hunk={hunk} isFirst={index === 0} />
          ))}
        </table>
      )}
      {isAll || count <= shownAtFirst ? null : (
        <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
          {`Show ${counted(count - shownAtFirst, 'more line')}`}
        </Button>
      )}
    </section>
  );
}

const words: Readonly<Record<FileDiff['kind'], string>> = { added: ' (new)', deleted: ' (deleted)', changed: '' };
const sentences: Readonly<Record<FileDiff['kind'], string>> = {
  added: 'It was new in this version',
  deleted: 'It was deleted in this version',
  changed: '',
};

function Hunk({ hunk: { lines, title }, isFirst }: { readonly hunk: DiffHunk; readonly isFirst: boolean }) {
  return (
    <tbody>
      {isFirst && title === '' ? null : (
        <tr className={styles.hunk}>
          <td colSpan={3}>…</td>
          <td>{title}</td>
        </tr>
      )}
      {lines.map((line, index) => (
        <tr key={`${String(index)} ${line.kind}`} className={styles.line} data-kind={line.kind}>
          <td className={styles.number}>{line.before ?? ''}</td>
          <td className={styles.number}>{line.after ?? ''}</td>
          <td className={styles.sign} aria-hidden="true">
            {signs[line.kind]}
          </td>
          <td className={styles.text}>
            {spoken[line.kind] === '' ? null : <VisuallyHidden>{spoken[line.kind]}</VisuallyHidden>}
            {line.text}
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function firstLines(hunks: readonly DiffHunk[], limit: number): readonly DiffHunk[] {
  const shown: DiffHunk[] = [];
  let left = limit;
  for (const hunk of hunks) {
    if (left <= 0) break;
    shown.push({ ...hunk, lines: hunk.lines.slice(0, left) });
    left -= hunk.lines.length;
  }
  return shown;
}
