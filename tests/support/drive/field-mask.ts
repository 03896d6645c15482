import { invalidParameter } from './google-error.ts';

/** What of an object is wanted: everything, or the fields with what of each. */
export type FieldMask = '*' | ReadonlyMap<string, FieldMask>;

/** The fields that a resource has: a leaf, a free map of keys, or an object of fields. */
export type Shape = 'leaf' | 'map' | { readonly [field: string]: Shape };

/** Reads a partial-response mask such as `nextPageToken,files(id,parents,user/me)`; refuses what is malformed or names no field. */
export function parseFieldMask(text: string, shape: Shape): FieldMask {
  let at = 0;
  const fail = (what: string) => invalidParameter('fields', `Invalid field selection ${what}`);

  function name(): string {
    const match = /^(\*|[A-Za-z0-9_@.-]+)/.exec(text.slice(at));
    if (!match?.[0]) throw fail(text.slice(at) || text);
    at += match[0].length;
    return match[0];
  }
  function list(inside: Shape, end: string): FieldMask {
    const fields = new Map<string, FieldMask>();
    for (;;) {
      const [field, mask] = entry(inside);
      fields.set(field, merge(fields.get(field), mask));
      if (text[at] !== ',') break;
      at++;
    }
    if ((text[at] ?? '') !== end) throw fail(text.slice(at) || text);
    at += end.length;
    return fields.has('*') ? '*' : fields;
  }
  function entry(inside: Shape): [string, FieldMask] {
    const field = name();
    const below = shapeBelow(inside, field);
    if (below === undefined) throw fail(field);
    if (text[at] === '/') {
      at++;
      const [sub, mask] = entry(below);
      return [field, sub === '*' ? '*' : new Map([[sub, mask]])];
    }
    if (text[at] === '(') {
      at++;
      return [field, list(below, ')')];
    }
    return [field, '*'];
  }
  return list(shape, '');
}

/** The part of a value that a mask asks for. */
export function applyFieldMask(value: unknown, mask: FieldMask): unknown {
  if (mask === '*' || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => applyFieldMask(item, mask));
  const picked: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const below = mask.get(key);
    if (below !== undefined) picked[key] = applyFieldMask(inner, below);
  }
  return picked;
}

function shapeBelow(shape: Shape, field: string): Shape | undefined {
  if (field === '*') return shape === 'leaf' ? undefined : 'leaf';
  if (shape === 'map') return 'leaf';
  return shape === 'leaf' ? undefined : shape[field];
}

function merge(before: FieldMask | undefined, next: FieldMask): FieldMask {
  if (before === undefined) return next;
  if (before === '*' || next === '*') return '*';
  const merged = new Map(before);
  for (const [field, mask] of next) merged.set(field, merge(merged.get(field), mask));
  return merged;
}
