import { invalidParameter } from './google-error.ts';

/** What a search asks of a file. */
export interface Searchable {
  readonly name: string;
  readonly mimeType: string;
  readonly parents: readonly string[];
  readonly trashed: boolean;
  readonly appProperties: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

/** A search that was understood. */
export interface Query {
  matches(file: Searchable): boolean;
  /** The ids that `in parents` names, which have to exist. */
  readonly parents: readonly string[];
}

type Test = (file: Searchable) => boolean;
type Token = { readonly kind: 'word' | 'sign' | 'text'; readonly value: string };

/** Reads the `q` of files.list. Refuses a syntax error, an unknown term and an operator that does not go with its term. */
export function parseQuery(q: string, rootId: string): Query {
  const tokens = readTokens(q);
  const parents: string[] = [];
  let at = 0;

  function isNext(kind: Token['kind'], value: string): boolean {
    return tokens[at]?.kind === kind && tokens[at]?.value === value;
  }
  function skip(kind: Token['kind'], value: string): boolean {
    const is = isNext(kind, value);
    if (is) at++;
    return is;
  }
  function need(kind: Token['kind'], value?: string): string {
    const token = tokens[at++];
    if (token?.kind !== kind || (value !== undefined && token.value !== value)) throw invalidQuery();
    return token.value;
  }
  function either(): Test {
    const tests = [all()];
    while (skip('word', 'or')) tests.push(all());
    return (file) => tests.some((test) => test(file));
  }
  function all(): Test {
    const tests = [one()];
    while (skip('word', 'and')) tests.push(one());
    return (file) => tests.every((test) => test(file));
  }
  function one(): Test {
    if (skip('word', 'not')) {
      const test = one();
      return (file) => !test(file);
    }
    if (skip('sign', '(')) {
      const test = either();
      need('sign', ')');
      return test;
    }
    return tokens[at]?.kind === 'text' ? inParents() : term(need('word'));
  }
  function inParents(): Test {
    const given = need('text');
    need('word', 'in');
    need('word', 'parents');
    const id = given === 'root' ? rootId : given;
    parents.push(id);
    return (file) => file.parents.includes(id);
  }
  function term(field: string): Test {
    if (field === 'name' || field === 'mimeType') {
      const operator = tokens[at]?.kind === 'word' ? need('word', 'contains') : need('sign');
      return textTest(field, operator, need('text'));
    }
    if (field === 'trashed') return trashedTest();
    if (field === 'appProperties' || field === 'properties') return propertyTest(field);
    if (field === 'createdTime' || field === 'modifiedTime') return timeTest(field, need('sign'), need('text'));
    throw invalidQuery();
  }
  function trashedTest(): Test {
    const operator = need('sign');
    const wanted = need('word');
    if ((operator !== '=' && operator !== '!=') || (wanted !== 'true' && wanted !== 'false')) throw invalidQuery();
    const value = (wanted === 'true') === (operator === '=');
    return (file) => file.trashed === value;
  }
  function propertyTest(field: 'appProperties' | 'properties'): Test {
    need('word', 'has');
    need('sign', '{');
    need('word', 'key');
    need('sign', '=');
    const key = need('text');
    need('word', 'and');
    need('word', 'value');
    need('sign', '=');
    const value = need('text');
    need('sign', '}');
    return (file) => Object.hasOwn(file[field], key) && file[field][key] === value;
  }

  if (tokens.length === 0) return { matches: () => true, parents };
  const test = either();
  if (at !== tokens.length) throw invalidQuery();
  return { matches: test, parents };
}

function textTest(field: 'name' | 'mimeType', operator: string, value: string): Test {
  if (operator === '=') return (file) => file[field] === value;
  if (operator === '!=') return (file) => file[field] !== value;
  if (operator !== 'contains') throw invalidQuery();
  const wanted = value.toLowerCase();
  // For a name, `contains` finds only what a word of it begins with.
  return (file) =>
    field === 'mimeType'
      ? file.mimeType.toLowerCase().includes(wanted)
      : [...file.name.toLowerCase().matchAll(/(?<![\p{L}\p{N}])./gu)].some(({ index }) =>
          file.name.toLowerCase().startsWith(wanted, index),
        );
}

function timeTest(field: 'createdTime' | 'modifiedTime', operator: string, value: string): Test {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw invalidQuery();
  const read = (file: Searchable) => (field === 'createdTime' ? file.createdAtMs : file.modifiedAtMs);
  const tests: Readonly<Record<string, Test>> = {
    '=': (file) => read(file) === at,
    '!=': (file) => read(file) !== at,
    '<': (file) => read(file) < at,
    '<=': (file) => read(file) <= at,
    '>': (file) => read(file) > at,
    '>=': (file) => read(file) >= at,
  };
  const test = tests[operator];
  if (!test) throw invalidQuery();
  return test;
}

function readTokens(q: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|(?<word>[A-Za-z]+)|(?<sign>!=|<=|>=|[=<>(){}])|'(?<text>(?:[^'\\]|\\['\\])*)'/uy;
  while (pattern.lastIndex < q.length) {
    const groups = pattern.exec(q)?.groups;
    if (!groups) throw invalidQuery();
    if (groups.word !== undefined) tokens.push({ kind: 'word', value: groups.word });
    else if (groups.sign !== undefined) tokens.push({ kind: 'sign', value: groups.sign });
    else if (groups.text !== undefined) tokens.push({ kind: 'text', value: groups.text.replaceAll(/\\(.)/gu, '$1') });
  }
  return tokens;
}

function invalidQuery() {
  return invalidParameter('q', 'Invalid Value', 'invalid');
}
