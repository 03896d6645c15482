import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startDriveServer } from '../support/drive-server.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { writeShared } from './sample-credentials.ts';
import { startProgram } from './start-program.ts';
import { clientOf, countTokenRequests, givenToken } from './token-scene.ts';
import { startDoor } from './token-stand-ins.ts';

it('two processes with one expired token make one refresh between them (S1-44)', async () => {
  await using server = await startDriveServer();
  await using door = await startDoor(server.url);
  await using folder = await makeTempFolder();
  const path = await writeShared(
    folder.path,
    { ...(await clientOf(server)), tokenUri: door.tokenUri },
    { access_token: 'ya29.former', refresh_token: server.issueTokens().refreshToken, expiry: '2020-01-01T00:00:00' },
  );
  const start = () => {
    const child = startProgram('token-process.ts', ['take', folder.path]);
    return { said: text(child.stdout), waits: once(child.stderr, 'data'), ended: once(child, 'close') };
  };
  const first = start();
  await door.knocked;
  const second = start();
  expect(String(await second.waits)).toMatch(/^waiting/);
  door.open();
  expect(await Promise.all([first.ended, second.ended])).toEqual([
    [0, null],
    [0, null],
  ]);
  const tokens = await Promise.all([first.said, second.said]);
  const { access_token } = JSON.parse(await readFile(path, 'utf8')) as { access_token: string };
  expect(access_token).toMatch(givenToken);
  expect([tokens, countTokenRequests(server), server.numbers().refreshes]).toEqual([[access_token, access_token], 1, 1]);
});
