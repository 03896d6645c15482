import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { addNote } from '../../engine/operations/add-note.ts';
import { gitJobNamed } from '../../engine/settings-store.ts';
import { itemDocument } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, onSession, withEngine } from '../session.ts';
import { drainIfAsked } from './git.ts';

interface NoteOptions extends CommonOptions {
  readonly text?: string;
  readonly wait?: boolean;
}

export function addNoteCommand(program: Command): void {
  const command = program
    .command('note <name> <file>')
    .description('write a new file into a git store, never over another one, and ask for its backup')
    .option('--text <text>', 'what it says (default: read from stdin)')
    .option('--wait', 'back it up now, and tell what became of it');
  common(command, 'nightjar note journal 2026-11-22.md --text "# A day"', 'nightjar note journal list.md < list.md');
  onSession(command, async (session, options: NoteOptions, name: string, file: string) => {
    const text = options.text ?? (await readStdin());
    if (text.trim() === '') throw withoutText();
    return withEngine(session, async (engine) => {
      const job = gitJobNamed(engine.settings.current, name);
      const item = await addNote(engine, job, { file, text: text.endsWith('\n') ? text : `${text}\n` });
      session.output.line(`wrote ${job.source.path}/${item.item}`);
      return drainIfAsked(session, engine, job, options, (outcome) => ({
        item: itemDocument(engine.queue(job.name).item(item.item) ?? item),
        outcome,
      }));
    });
  });
}

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) throw withoutText();
  return readAll(process.stdin);
}

function withoutText(): BackupError {
  return new BackupError('usage-invalid', 'the note has no text', { hint: 'give it with --text, or through a pipe' });
}
