import { Button, Code } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DesktopInfo, UpdateState } from '../../../electron/domain/desktop.ts';
import { client, engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { Ago } from '../../parts/ago.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Section } from '../../parts/section.tsx';
import { SettingRow } from './setting-row.tsx';

/** Which program this is, where it keeps its data, and whether there is a newer one. */
export function AboutSettings() {
  const { data: info } = useQuery(engine.engine.hello.queryOptions());
  const { data: desktop } = useQuery(engine.desktop.info.queryOptions());
  return (
    <Section title="About">
      {info === undefined ? null : (
        <SettingRow
          label={sentence(info.program)}
          effect={
            <>
              At work since <Ago atMs={info.startedAtMs} />, as process {info.pid}. Its data is in <Code>{info.home}</Code>
            </>
          }
        />
      )}
      {desktop?.kind === 'app' ? <Update desktop={desktop} /> : null}
    </Section>
  );
}

const updateWords: Readonly<Record<UpdateState['state'], string>> = {
  unsupported: 'It is updated the way it was installed.',
  unknown: 'Nobody has looked for a newer version yet.',
  current: 'This is the newest version.',
  available: 'There is a newer version.',
  downloading: 'The newer version is being downloaded.',
  ready: 'The newer version is here. It is installed when no run is under way.',
  failed: 'It could not be found out whether there is a newer version.',
};

function Update({ desktop: { update } }: { readonly desktop: DesktopInfo }) {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: engine.desktop.key() });
  const look = useMutation({ mutationFn: () => client.desktop.checkForUpdate(), onSettled });
  const install = useMutation({ mutationFn: () => client.desktop.installUpdate(), onSettled });
  const failed = look.error ?? install.error;
  const says = [updateWords[update.state], ...(update.version === null ? [] : [`It is ${update.version}.`])];
  return (
    <SettingRow
      label="Newer version"
      effect={[...says, ...(update.message === null ? [] : [`${sentence(update.message)}.`])].join(' ')}
      below={failed ? <FailureNote failure={failureOf(failed)} /> : null}
    >
      {update.state === 'ready' ? (
        <Button loading={install.isPending} onClick={() => install.mutate()}>
          Install it and start again
        </Button>
      ) : null}
      {update.state === 'unsupported' || update.state === 'ready' ? null : (
        <Button variant="default" loading={look.isPending || update.state === 'downloading'} onClick={() => look.mutate()}>
          Look for a newer version
        </Button>
      )}
    </SettingRow>
  );
}
