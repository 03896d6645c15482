import type { Command } from 'commander';
import { examine } from '../../engine/operations/doctor.ts';
import { common } from '../options.ts';
import { type CommonOptions, inSession, withEngine } from '../session.ts';
import { version } from '../version.ts';

export function addDoctorCommand(program: Command): void {
  const command = program.command('doctor').description('check the whole set-up and print a report that can be shared');
  common(command, 'nightjar doctor').action(async (options: CommonOptions) => {
    process.exitCode = await inSession(options, ({ output, ...session }) =>
      withEngine({ output, ...session }, async (engine) => {
        const findings = await examine(engine, session.signal);
        const ok = findings.every(({ verdict }) => verdict !== 'bad');
        output.document({ ok, version, node: process.versions.node, platform: `${process.platform} ${process.arch}`, findings });
        output.line(`nightjar ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`);
        const marks = { good: output.style('green', '✓'), warning: output.style('yellow', '!'), bad: output.style('red', '✗') };
        for (const { verdict, what, message, hint } of findings) {
          output.line(`${marks[verdict]} ${what}: ${message}`);
          if (hint !== undefined) output.line(`    ${hint}`);
        }
        return ok ? 0 : 1;
      }),
    );
  });
}
