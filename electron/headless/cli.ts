import { Command, CommanderError } from 'commander';
import { BackupError, errorFacts } from '../domain/errors.ts';
import { addBackupCommand } from './commands/backup.ts';
import { addCancelCommand } from './commands/cancel.ts';
import { addDestinationCommands } from './commands/destination.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addDrillCommand } from './commands/drill.ts';
import { addForgetCommand } from './commands/forget.ts';
import { addGitCommands } from './commands/git.ts';
import { addHistoryCommand } from './commands/history.ts';
import { addJobCommands } from './commands/job.ts';
import { addLogsCommand } from './commands/logs.ts';
import { addNoteCommand } from './commands/note.ts';
import { addPinCommands } from './commands/pin.ts';
import { addRestoreCommand } from './commands/restore.ts';
import { addRetainCommand } from './commands/retain.ts';
import { addSendCommand } from './commands/send.ts';
import { addServeCommand } from './commands/serve.ts';
import { addSettingsCommands } from './commands/settings.ts';
import { addSnapshotsCommand } from './commands/snapshots.ts';
import { addStatusCommand } from './commands/status.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { exitCodeOf } from './exit-code.ts';
import { withCommonOptions } from './options.ts';
import { openOutput } from './output.ts';
import { version } from './version.ts';

/** Runs the command line and sets the process's exit code. The only place where a command's failure is printed. */
export async function main(args: readonly string[]): Promise<void> {
  let help = '';
  const program = buildProgram((text) => {
    help += text;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    const isBare = error instanceof CommanderError && error.code === 'commander.help';
    if (isBare && !args.includes('--json')) process.stderr.write(`${help}\n`);
    process.exitCode = report(error, args.includes('--json'));
  }
}

/** Every command, with its options and help; `writeErr` gets what commander would say of a misuse. */
export function buildProgram(writeErr: (text: string) => void): Command {
  const program = withCommonOptions(new Command('nightjar'))
    .description('Backs up live SQLite databases and git stores while you sleep, and proves that they can be restored.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeErr, writeOut: (text) => void process.stdout.write(text) })
    .showSuggestionAfterError(true)
    .addHelpText('after', '\nStart here:\n  nightjar backup --sqlite ~/notes.db --to /Volumes/USB\n  nightjar COMMAND --help');
  addBackupCommand(program);
  addCancelCommand(program);
  addServeCommand(program);
  addDestinationCommands(program);
  addJobCommands(program);
  addGitCommands(program);
  addNoteCommand(program);
  addSendCommand(program);
  addSnapshotsCommand(program);
  addHistoryCommand(program);
  addStatusCommand(program);
  addVerifyCommand(program);
  addDrillCommand(program);
  addRestoreCommand(program);
  addRetainCommand(program);
  addPinCommands(program);
  addForgetCommand(program);
  addLogsCommand(program);
  addSettingsCommands(program);
  addDoctorCommand(program);
  return program;
}

function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help and --version have printed what was asked for.
  const failure = error instanceof CommanderError ? usageError(error) : error;
  const facts = errorFacts(failure);
  openOutput(json, { stdout: process.stdout, stderr: process.stderr }).failure(facts);
  if (!(failure instanceof BackupError) && failure instanceof Error) process.stderr.write(`${failure.stack}\n`);
  return exitCodeOf(facts.code);
}

function usageError(error: CommanderError): BackupError {
  const message = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  const isBare = error.code === 'commander.help';
  return new BackupError('usage-invalid', isBare ? 'a command is missing' : message, {
    hint: 'see: nightjar --help, or nightjar COMMAND --help',
  });
}

if (import.meta.main) await main(process.argv.slice(2));
