import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buried, openWebScene, pageFiles, type WebScene } from './web-scene.ts';

let scene: WebScene;
beforeAll(async () => {
  scene = await openWebScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

const names = [
  '..',
  '.',
  '',
  'assets',
  'page',
  'beside',
  'linked',
  'buried.txt',
  '.buried',
  'link.txt',
  'page.txt',
  'icon.svg',
  'plain.css',
  'etc',
  'passwd',
];
const slashes = [
  '/',
  '\\',
  '//',
  '%2f',
  '%2F',
  '%5c',
  '%252f',
  '%c0%af',
  '/./',
  '/../',
  '/%2e%2e/',
  '/..;/',
  '%00/',
  '\0',
  '?',
  '#',
  ';',
  ' ',
  '\t',
];

/** Spells some of a name's characters with an escape, and some of those again. */
function escaped(name: string, choices: readonly number[]): string {
  return [...name]
    .map((character, index) => {
      const code = character.charCodeAt(0).toString(16).padStart(2, '0');
      return [character, character, `%${code}`, `%25${code}`, `%${code.toUpperCase()}`][choices[index % choices.length] ?? 0];
    })
    .join('');
}

const choices = fc.array(fc.nat(4), { minLength: 1, maxLength: 8 });
const step = fc.tuple(fc.constantFrom(...slashes), fc.constantFrom(...names), fc.oneof(fc.constant([0]), choices));
const madeOfTricks = fc
  .array(step, { minLength: 1, maxLength: 6 })
  .map((steps) => `/${steps.map(([slash, name, how]) => slash + escaped(name, how)).join('')}`);
// A line's end is where a request's path ends, and what follows it is a header.
const anyBytes = fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((text) => `/${text.replaceAll(/[\r\n]/g, '')}`);

it('no request reads a file outside of the folder, or one inside by a spelling that is not its own', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: madeOfTricks }, { weight: 1, arbitrary: anyBytes }), async (path) => {
      const { status, body, text } = await scene.send(scene.page({ path }));
      expect(text).not.toMatch(new RegExp(`${buried}|root:`));
      if (status !== 200) return;
      // More than one space after the path is one to Node.
      const file = path.trimEnd().split('?')[0]?.slice(1) || 'index.html';
      expect(body.replace(/nonce="[^"]*"/, '')).toBe(pageFiles[file]?.replace(/nonce="[^"]*"/, ''));
    }),
    { numRuns: 1000 },
  );
  expect(await scene.isWell()).toBe(true);
});
