import type { Random } from '../support/sample-content.ts';

const vocabulary = 20_000;
const tableLength = 65_536;
/** The exponent of Zipf's law, a little flatter than in a language, since a note has names and numbers too. */
const exponent = 0.95;
const syllables = 'ka lo mi ren tas vo shu el dor ni pra gu est on ari bel con de ver in sta tor um ly ing ment'.split(' ');

/** Text whose words are as frequent as in a language (Zipf's law). */
export interface Prose {
  word(): string;
  /** Sentences in paragraphs, of about this many characters. */
  text(chars: number): string;
}

/** The same chance gives the same text. */
export function startProse(random: Random): Prose {
  const words = Array.from({ length: vocabulary }, (_, rank) => makeWord(random, rank));
  const table = zipfTable();
  const word = () => words[table[random.below(tableLength)] ?? 0] ?? '';
  const sentence = () => {
    const rest = Array.from({ length: 6 + random.below(14) }, word);
    const first = word();
    return `${first.charAt(0).toUpperCase()}${first.slice(1)} ${rest.join(' ')}${random.below(8) === 0 ? '?' : '.'}`;
  };
  return {
    word,
    text: (chars) => {
      let text = sentence();
      while (text.length < chars) text += `${random.below(6) === 0 ? '\n\n' : ' '}${sentence()}`;
      return text;
    },
  };
}

/** Frequent words are short. */
function makeWord(random: Random, rank: number): string {
  const length = 1 + random.below(rank < 100 ? 2 : 4);
  return Array.from({ length }, () => syllables[random.below(syllables.length)]).join('');
}

/** For each of so many equal chances, the rank of a word. */
function zipfTable(): Uint16Array {
  const weights = Array.from({ length: vocabulary }, (_, rank) => (rank + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(tableLength);
  let rank = 0;
  let sum = weights[0] ?? 0;
  for (let i = 0; i < tableLength; i++) {
    while ((sum / total) * tableLength < i && rank < vocabulary - 1) sum += weights[++rank] ?? 0;
    table[i] = rank;
  }
  return table;
}
