import { expect, it } from 'vitest';
import { isWholePath, nameOfPath, withHome } from '../../renderer/path-text.ts';

it.each([
  ['/Users/ada/notes.db', true],
  ['~', true],
  ['~/notes.db', true],
  ['C:\\notes.db', true],
  ['\\\\server\\share', true],
  ['notes.db', false],
  ['./notes.db', false],
  ['~ada/notes.db', false],
  ['', false],
])('says of %j whether it is a whole path: %j', (text, isWhole) => {
  expect(isWholePath(text)).toBe(isWhole);
});

it.each([
  ['~/notes.db', '/Users/ada', '/Users/ada/notes.db'],
  ['~/', '/', '/'],
  ['~\\notes.db', 'C:\\Users\\ada', 'C:\\Users\\ada\\notes.db'],
  ['~', '/Users/ada', '~'],
  ['/a/~/b', '/Users/ada', '/a/~/b'],
])('puts the own folder into %j', (text, home, path) => {
  expect(withHome(text, home)).toBe(path);
});

it.each([
  ['/Users/ada/notes.db', 'notes.db'],
  ['/Users/ada/', 'ada'],
  ['C:\\Users\\ada', 'ada'],
  ['/', '/'],
])('calls %j by its last part', (path, name) => {
  expect(nameOfPath(path)).toBe(name);
});
