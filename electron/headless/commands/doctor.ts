import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/outcomes.ts';
import { type CatalogReader, openCatalogReader } from '../../engine/catalog/catalog-reader.ts';
import type { Home } from '../../engine/home.ts';
import { examineAll } from '../../engine/operations/doctor.ts';
import { reportText, shareableFindings } from '../../engine/operations/doctor-report.ts';
import { examineVersions } from '../../engine/operations/examine-machine.ts';
import { hinted } from '../../engine/operations/finding.ts';
import { readSettings } from '../../engine/settings-store.ts';
import type { ExitCode } from '../exit-code.ts';
import { common } from '../options.ts';
import { type CommonOptions, onSession, type Session, withLook } from '../session.ts';
import { version } from '../version.ts';

interface DoctorOptions extends CommonOptions {
  readonly report?: boolean;
}

export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description('check the whole set-up; exit code 1 when something is wrong')
    .option('--report', 'as a text that can be pasted into an issue: without secrets and names');
  onSession(common(command, 'nightjar doctor', 'nightjar doctor --report'), doctor);
}

async function doctor(session: Session, { report }: DoctorOptions): Promise<ExitCode> {
  const { home, output, ports, streams } = session;
  const findings = await examineWhatCanBe(session);
  const ok = findings.every(({ verdict }) => verdict !== 'bad');
  const shown = report ? shareableFindings(findings, ports) : findings;
  output.document({ ok, version, node: process.versions.node, platform: `${process.platform} ${process.arch}`, findings: shown });
  if (report && !output.json) streams.stdout.write(`${await reportText(findings, home, ports)}\n`);
  if (!report) print(session, findings);
  return ok ? 0 : 1;
}

function print({ output }: Session, findings: readonly Finding[]): void {
  output.line(`nightjar ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`);
  const marks = { good: output.style('green', '✓'), warning: output.style('yellow', '!'), bad: output.style('red', '✗') };
  for (const { verdict, what, message, hint } of findings) {
    output.line(`${marks[verdict]} ${what}: ${message}`);
    if (hint !== undefined) output.line(`    ${hint}`);
  }
}

/** By the engine, else beside the one that does not answer; a data folder that cannot be used at all is itself what was found. */
async function examineWhatCanBe(session: Session): Promise<readonly Finding[]> {
  try {
    return await withLook(session, (client) => client.engine.examine(undefined, { signal: session.signal })).catch((error: unknown) => {
      if (error instanceof BackupError && error.code === 'home-busy') return examineBeside(session);
      throw error;
    });
  } catch (error) {
    if (!(error instanceof BackupError) || !['home-unusable', 'settings-invalid', 'catalog-newer', 'disk-full'].includes(error.code))
      throw error;
    const found: Finding = { what: `data folder ${session.home.path}`, verdict: 'bad', ...hinted(error) };
    return [await examineVersions(session.ports), found];
  }
}

/** What is wrong with one that cannot be opened is found by the examination itself. */
function openCatalog({ catalogPath }: Home): CatalogReader | null {
  try {
    return openCatalogReader(catalogPath);
  } catch {
    return null;
  }
}

async function examineBeside({ home, ports, signal }: Session): Promise<Finding[]> {
  const catalog = openCatalog(home);
  try {
    return await examineAll({ home, ports, settings: readSettings(home.path), catalog, engine: null }, signal);
  } finally {
    catalog?.close();
  }
}
