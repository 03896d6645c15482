import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { itemDocument } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, onSession, withClient } from '../session.ts';
import { drainIfAsked, storeNamed } from './git.ts';

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
    return withClient(session, async (client) => {
      const job = await storeNamed(client, name);
      const item = await client.notes.add({ job: job.name, file, text: text.endsWith('\n') ? text : `${text}\n` });
      session.output.line(`wrote ${job.source.path}/${item.item}`);
      return drainIfAsked({ ...session, client }, job, options, async (outcome) => {
        const [latest = item] = await client.git.items({ job: job.name, items: [item.item] });
        return { item: itemDocument(latest), outcome };
      });
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
