import { expect, it } from 'vitest';
import { transports } from '../support/engine-clients.ts';

it.each(Object.entries(transports))('gives the latest lines of the log, %s', async (_, open) => {
  await using scene = await open();
  for (const message of ['one', 'two', 'three']) scene.engine.log.warn(message, { token: 'abc' });
  const lines = await scene.client.engine.log({ limit: 2 });
  expect(lines.map(({ fields, level, message }) => ({ level, message, fields }))).toEqual(
    ['two', 'three'].map((message) => ({ level: 'warn', message, fields: { token: '***' } })),
  );
});
