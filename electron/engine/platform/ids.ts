import { randomBytes } from 'node:crypto';
import type { Ids } from '../ports.ts';

/** No vowels and no look-alikes: an id is read aloud and never spells a word. */
const alphabet = '23456789bcdfghjkmnpqrstvwxz';

/** Identifiers from the system's random source: ten characters, 47 bits. */
export const randomIds: Ids = {
  make: (kind) => {
    let text = '';
    while (text.length < 10) {
      for (const byte of randomBytes(16)) {
        // 243 is the largest multiple of 27 in a byte; what is above would favour the first letters.
        if (byte < 243 && text.length < 10) text += alphabet[byte % alphabet.length];
      }
    }
    return `${kind}-${text}`;
  },
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  secret: () => randomBytes(32).toString('base64url'),
};
