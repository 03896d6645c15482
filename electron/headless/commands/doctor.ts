import type { Command } from 'commander';
import { common } from '../options.ts';
import { onClient } from '../session.ts';
import { version } from '../version.ts';

export function addDoctorCommand(program: Command): void {
  const command = program.command('doctor').description('check the whole set-up and print a report that can be shared');
  onClient(common(command, 'nightjar doctor'), async ({ client, output, signal }) => {
    const findings = await client.engine.examine(undefined, { signal });
    const ok = findings.every(({ verdict }) => verdict !== 'bad');
    output.document({ ok, version, node: process.versions.node, platform: `${process.platform} ${process.arch}`, findings });
    output.line(`nightjar ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`);
    const marks = { good: output.style('green', '✓'), warning: output.style('yellow', '!'), bad: output.style('red', '✗') };
    for (const { verdict, what, message, hint } of findings) {
      output.line(`${marks[verdict]} ${what}: ${message}`);
      if (hint !== undefined) output.line(`    ${hint}`);
    }
    return ok ? 0 : 1;
  });
}
