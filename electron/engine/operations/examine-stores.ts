import type { GitJob } from '../../domain/model.ts';
import type { Finding } from '../../domain/outcomes.ts';
import type { Engine } from '../engine.ts';
import { findGit, type GitTools } from '../git/git-environment.ts';
import { checkStore, openStore } from '../git/open-store.ts';
import { compareWithRemote } from '../git/push.ts';
import { hinted } from './finding.ts';

/** Looks at the programs that git stores need, at their repositories, and at the remotes of those that are pushed. Changes nothing. */
export async function examineStores(engine: Pick<Engine, 'ports'>, jobs: readonly GitJob[], signal: AbortSignal): Promise<Finding[]> {
  if (jobs.length === 0) return [];
  const findings = await examineTools(engine, jobs);
  for (const job of jobs.filter(({ source }) => source.enabled)) findings.push(await examineStore(engine, job, signal));
  return findings;
}

async function examineTools({ ports }: Pick<Engine, 'ports'>, jobs: readonly GitJob[]): Promise<Finding[]> {
  let tools: GitTools;
  try {
    tools = await findGit(ports.clock, ports.environment);
  } catch (error) {
    return [{ what: 'git', verdict: 'bad', ...hinted(error) }];
  }
  const { credentialHelper: helper, git, ssh } = tools;
  const findings: Finding[] = [{ what: 'git', verdict: 'good', message: `${git.path}, version ${git.version ?? 'unknown'}` }];
  if (!jobs.some(({ source }) => source.push)) return findings;
  findings.push(
    ssh === null
      ? { what: 'ssh', verdict: 'warning', message: 'it is not installed', hint: 'remotes over ssh cannot be reached without it' }
      : { what: 'ssh', verdict: 'good', message: `${ssh.path}, version ${ssh.version ?? 'unknown'}` },
  );
  if (helper === null) {
    const hint = 'a remote over https that wants a password needs one: nobody is there at night to type it';
    findings.push({ what: 'credential helper', verdict: 'good', message: 'none is configured', hint });
  } else if (helper.path === null && !helper.configured.startsWith('!')) {
    const hint = 'install it, or change it with: git config --global credential.helper NAME';
    findings.push({ what: 'credential helper', verdict: 'warning', message: `${helper.configured} was not found`, hint });
  } else {
    findings.push({ what: 'credential helper', verdict: 'good', message: helper.path ?? helper.configured });
  }
  return findings;
}

async function examineStore({ ports }: Pick<Engine, 'ports'>, { name, source }: GitJob, signal: AbortSignal): Promise<Finding> {
  const what = `repository of ${name}`;
  const git = openStore(source, ports, { signal });
  try {
    const { branch, remoteFingerprint } = await checkStore(git, source);
    const place = `${source.path} is on ${branch}`;
    if (!source.push) return { what, verdict: 'good', message: `${place}, and is not pushed` };
    if (remoteFingerprint === null) {
      const hint = `add it with: git remote add ${source.remote} URL`;
      return { what, verdict: 'warning', message: `${place}; there is no remote ${source.remote} yet`, hint };
    }
    const { ahead } = await compareWithRemote(git, source);
    return { what, verdict: 'good', message: `${place}; ${source.remote} answers${ahead ? ', and lacks commits of this machine' : ''}` };
  } catch (error) {
    return { what, verdict: 'bad', ...hinted(error) };
  }
}
