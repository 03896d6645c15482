import { describe, expect, it } from 'vitest';
import { describeLogLine, isAtLeast, parseLogLine, readLogLine } from '../../electron/domain/log-line.ts';

const time = '2026-11-22T03:17:00.000Z';
const atMs = Date.parse(time);

describe('parseLogLine', () => {
  it.each([
    [
      'a line of ours',
      `{"level":"warn","time":"${time}","pid":1,"run":"run-a","msg":"hot"}`,
      { atMs, level: 'warn', message: 'hot', fields: { run: 'run-a' } },
    ],
    ['a line of an earlier version', `{"level":50,"time":"${time}","msg":"hot"}`, { atMs, level: 'error', message: 'hot', fields: {} }],
    ['a line without a message', `{"level":30,"time":"${time}"}`, { atMs, level: 'info', message: '', fields: {} }],
    ['half a line', `{"level":"warn","time":"2026-`, null],
    ['a word', 'hello', null],
    ['null', 'null', null],
    ['another document', '{"a":1}', null],
    ['a time that is none', '{"level":"warn","time":"soon","msg":"hot"}', null],
  ])('%s', (_, text, expected) => {
    expect(parseLogLine(text)).toEqual(expected);
  });
});

it('what is no line of ours is read as it is, without secrets', () => {
  expect(readLogLine('half a line, token=abc')).toEqual({ atMs: Number.NaN, level: 'info', message: 'half a line, token=***', fields: {} });
  expect(readLogLine(`{"level":"warn","time":"${time}","msg":"hot"}`)).toEqual({ atMs, level: 'warn', message: 'hot', fields: {} });
});

describe('describeLogLine', () => {
  it.each([
    ['plain', {}, 'plain'],
    ['two\n  lines', { run: 'run-a', ms: 3 }, 'two | lines  run=run-a  ms=3'],
    ['quoted', { label: 'a b', empty: '', nothing: null, stack: 'Error\n at x' }, 'quoted  label="a b"  empty=""'],
    ['nested', { facts: { a: [1] } }, 'nested  facts={"a":[1]}'],
  ])('%s', (message, fields, expected) => {
    expect(describeLogLine({ atMs, level: 'info', message, fields })).toBe(expected);
  });
});

it('levels have an order', () => {
  expect([isAtLeast('warn', 'warn'), isAtLeast('error', 'warn'), isAtLeast('info', 'warn')]).toEqual([true, true, false]);
});
