import { describe, expect, it } from 'vitest';
import { shareable } from '../../electron/domain/shareable.ts';

const ada = { home: '/home/ada', user: 'ada', host: 'adas-pc' };

describe('shareable', () => {
  it.each([
    ['/home/ada/notes.db and /home/ada', '~/notes.db and ~'],
    ['/home/adam/notes.db', '/home/adam/notes.db'],
    ['/media/ada/USB', '/media/USER/USB'],
    ['the canada file /data/canada', 'the canada file /data/canada'],
    ['Google Drive, Backups (ada.l@example.org)', 'Google Drive, Backups (***@example.org)'],
    ['pushed to backup/adas-pc on adas-pc.', 'pushed to backup/HOST on HOST.'],
    ['adas-pc-2', 'adas-pc-2'],
    ['https://ada:s3cret@example.org', 'https://***@example.org'],
    ['token=s3cret', 'token=***'],
  ])('%s', (text, expected) => {
    expect(shareable(text, ada)).toBe(expected);
  });

  it('takes names as they are, and nothing where there is none', () => {
    expect(shareable('C:\\Users\\a.d+a\\notes.db', { home: 'C:\\Users\\a.d+a', user: 'a.d+a', host: '' })).toBe('~\\notes.db');
    expect(shareable('/a/b', { home: '/', user: '', host: '' })).toBe('/a/b');
  });

  it('cuts nothing, however long', () => {
    expect(shareable('x'.repeat(100_000), ada)).toHaveLength(100_000);
  });
});
