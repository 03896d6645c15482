/** A repeatable source of chance and of bytes that hardly compress. */
export interface Random {
  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number;
  /** A vector as an embedding model gives it, as the bytes of its 32-bit floats. */
  vector(dimensions: number): Buffer;
  /** Bytes with the beginning, the entropy and the end of a JPEG file. */
  picture(bytes: number): Buffer;
}

/** What a person or a program writes. */
export interface Writing {
  title(): string;
  /** Markdown of about this many characters: a heading, paragraphs, lists, links. */
  body(chars: number): string;
  eventJson(atMs: number): string;
}

/** The same seed gives the same values (mulberry32). */
export function startRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    below: (limit) => Math.floor((next() / 0x1_0000_0000) * limit),
    vector: (dimensions) => {
      const values = new Float32Array(dimensions);
      for (let i = 0; i < dimensions; i++) values[i] = (next() / 0x1_0000_0000 + next() / 0x1_0000_0000 - 1) * 0.12;
      return Buffer.from(values.buffer);
    },
    picture: (bytes) => {
      const words = new Uint32Array(Math.ceil(bytes / 4));
      for (let i = 0; i < words.length; i++) words[i] = next();
      return Buffer.concat([
        Buffer.from('ffd8ffe000104a46494600010101004800480000', 'hex'),
        Buffer.from(words.buffer),
        Buffer.from('ffd9', 'hex'),
      ]);
    },
  };
}

const onsets = 'b br c ch d f fl g gr h j k l m n p pr qu r s sh st t th tr v w'.split(' ');
const vowels = 'a e i o u ai ea ou ie oo'.split(' ');
const codas = ['', ...'n r s t l m nd st ng ck rt'.split(' ')];
const commonWords =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years much where your way down should because long each just state those people too mr how little good world make very year still see own work men day get here between both life being under'.split(
    ' ',
  );

const eventKinds = ['page.viewed', 'note.saved', 'search.done', 'sync.finished', 'file.attached', 'tag.added', 'session.opened'];
const rareWordCount = 4000;
const sentenceCount = 10_000;

/** Words whose frequencies fall as they do in a language, in sentences from a large stock. */
export function startWriting(random: Random): Writing {
  const pick = <T>(from: readonly T[], fallback: T): T => from[random.below(from.length)] ?? fallback;
  const syllable = () => pick(onsets, 'b') + pick(vowels, 'a') + pick(codas, '');
  const rareWords = Array.from({ length: rareWordCount }, (_, rank) => Array.from({ length: 1 + (rank % 3) }, syllable).join(''));
  const skewed = (limit: number) => Math.floor(limit * (random.below(limit) / limit) ** 3);
  const word = () =>
    random.below(100) < 55 ? (commonWords[skewed(commonWords.length)] ?? 'the') : (rareWords[skewed(rareWordCount)] ?? 'word');
  const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  const sentence = () => `${capital(Array.from({ length: 5 + random.below(14) }, word).join(' '))}${pick(['.', '.', '.', '?', ';'], '.')}`;
  const sentences = Array.from({ length: sentenceCount }, sentence);
  const title = () => capital(`${word()} ${word()} ${word()}`);
  const paragraph = () => Array.from({ length: 2 + random.below(5) }, () => pick(sentences, '')).join(' ');
  const list = () => Array.from({ length: 2 + random.below(5) }, () => `- [${pick([' ', 'x'], ' ')}] ${pick(sentences, '')}`).join('\n');
  const link = () => `See [${title()}](https://${word()}.example/${word()}/${random.below(1e6)}) and **${word()}**.`;
  const parts = [() => `## ${title()}`, list, link, paragraph, paragraph, paragraph, paragraph, paragraph];
  return {
    title,
    body: (chars) => {
      let text = `# ${title()}\n`;
      while (text.length < chars) {
        text += `\n${pick(parts, paragraph)()}\n`;
      }
      return text;
    },
    eventJson: (atMs) =>
      JSON.stringify({
        kind: pick(eventKinds, 'page.viewed'),
        at: new Date(atMs).toISOString(),
        session: `${random.below(2 ** 32).toString(16)}-${random.below(2 ** 32).toString(16)}`,
        user: random.below(5000),
        tookMs: random.below(4000) / 10,
        target: { path: `/${word()}/${word()}/${random.below(100_000)}`, title: title() },
        tags: [word(), word()],
        ...(random.below(4) === 0 ? { message: pick(sentences, '') } : {}),
      }),
  };
}
