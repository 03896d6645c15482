import { describe, expect, it } from 'vitest';
import type { Fault } from '../support/drive-server.ts';
import { blockBytes, filesNamed, objectName, openUploadScene, uploadProblems } from './upload-scene.ts';

const chunkBytes = 4 * blockBytes;
/** Four chunks, and a rest that is no multiple of anything. */
const fileBytes = 4 * chunkBytes + 12_345;

interface Expected {
  /** How many chunks may be sent more than the file has. */
  readonly extraChunks?: number;
  readonly sessions?: number;
  readonly refreshes?: number;
  readonly waitedMs?: number;
}

const survivable: [string, Fault[], Expected?][] = [
  ['keeps only the first block of a chunk', [{ on: 'upload-chunk', skip: 1, act: 'short-ack', blocks: 1 }], { extraChunks: 1 }],
  ['keeps all but the last block, three times', [{ on: 'upload-chunk', times: 3, act: 'short-ack', blocks: 3 }], { extraChunks: 3 }],
  ['answers 308 without a Range at first: it holds nothing', [{ on: 'upload-chunk', act: 'missing-range' }], { extraChunks: 1 }],
  ['forgets all in the middle and says so', [{ on: 'upload-chunk', skip: 2, act: 'missing-range' }], { extraChunks: 3 }],
  ['takes no more once', [{ on: 'upload-chunk', skip: 2, act: 'no-progress' }], { extraChunks: 1 }],
  ['says 401 in the middle', [{ on: 'upload-chunk', skip: 2, act: 'expire-token' }], { extraChunks: 1, refreshes: 1 }],
  ['says 401 when the session begins', [{ on: 'upload-start', act: 'expire-token' }], { refreshes: 1 }],
  ...(['rateLimitExceeded', 'userRateLimitExceeded'] as const).map((reason): [string, Fault[], Expected] => [
    `says 403 ${reason}`,
    [{ on: 'upload-chunk', skip: 1, act: 'status', code: 403, reason }],
    { extraChunks: 1 },
  ]),
  [
    'says 429 and when to come back',
    [{ on: 'upload-chunk', skip: 1, act: 'status', code: 429, reason: 'rateLimitExceeded', retryAfterSeconds: 90 }],
    { extraChunks: 1, waitedMs: 90_000 },
  ],
  ...[500, 502, 503, 504].flatMap((code): [string, Fault[], Expected][] => [
    [`says ${code} to a chunk that it did not take`, [{ on: 'upload-chunk', skip: 1, act: 'status', code }], { extraChunks: 1 }],
    [`says ${code} to a chunk that it took`, [{ on: 'upload-chunk', skip: 1, act: 'status', code, when: 'after' }], {}],
    [`says ${code} to the last chunk, which finished the file`, [{ on: 'upload-chunk', skip: 4, act: 'status', code, when: 'after' }], {}],
  ]),
  [
    'says 503 to a chunk, and then three times to the question what it holds',
    [
      { on: 'upload-chunk', skip: 1, act: 'status', code: 503 },
      { on: 'upload-query', times: 3, act: 'status', code: 503 },
    ],
    { extraChunks: 1 },
  ],
  ['drops the connection before it reads', [{ on: 'upload-chunk', skip: 1, act: 'drop', when: 'before' }], { extraChunks: 1 }],
  [
    'drops the connection in the middle of a chunk',
    [{ on: 'upload-chunk', skip: 1, act: 'drop', afterBytes: 700_000 }],
    { extraChunks: 1 },
  ],
  ['drops the connection after it took a chunk', [{ on: 'upload-chunk', skip: 1, act: 'drop', when: 'after' }], {}],
  ['drops the connection after it finished the file', [{ on: 'upload-chunk', skip: 4, act: 'drop', when: 'after' }], {}],
  ['never answers a chunk that it took', [{ on: 'upload-chunk', skip: 1, act: 'stall' }], {}],
  [
    'stops in the middle of a chunk and never answers',
    [{ on: 'upload-chunk', skip: 1, act: 'stall', afterBytes: 300_000 }],
    { extraChunks: 1 },
  ],
  ['gets a chunk twice', [{ on: 'upload-chunk', skip: 1, act: 'duplicate-delivery' }], {}],
  ['gets the last chunk twice', [{ on: 'upload-chunk', skip: 4, act: 'duplicate-delivery' }], {}],
  ['has lost the session (404)', [{ on: 'upload-chunk', skip: 1, act: 'status', code: 404 }], { extraChunks: 2, sessions: 2 }],
  ['has lost the session (410)', [{ on: 'upload-chunk', skip: 1, act: 'status', code: 410 }], { extraChunks: 2, sessions: 2 }],
  [
    'has lost the session when it is asked',
    [
      { on: 'upload-chunk', skip: 1, act: 'status', code: 500 },
      { on: 'upload-query', act: 'status', code: 404 },
    ],
    { extraChunks: 2, sessions: 2 },
  ],
  ['fails to begin a session', [{ on: 'upload-start', times: 2, act: 'status', code: 503 }], {}],
  ['begins a session and does not say so', [{ on: 'upload-start', act: 'drop', when: 'after' }], { sessions: 2 }],
  ['fails to give ids', [{ on: 'generateIds', act: 'status', code: 500 }], {}],
  ['makes the folder and does not say so', [{ on: 'create', act: 'drop', when: 'after' }], {}],
  ['lists late what it makes', [{ on: 'any', times: 20, act: 'late-listing' }], {}],
];

describe('an upload to a Drive that', () => {
  it.each(survivable)('%s ends as one file, byte for byte', async (_, faults, expected = {}) => {
    await using scene = await openUploadScene({}, { config: { chunkBytes } });
    const { clock, drive, server } = scene;
    const staged = await scene.stage(fileBytes);
    server.faults.add(...faults);
    await drive.destination.put(objectName, staged);
    expect(server.faults.pending().filter(({ act }) => act !== 'late-listing')).toEqual([]);
    expect(uploadProblems(server, objectName, staged.digests)).toEqual([]);
    expect(await drive.destination.digest(objectName)).toEqual(staged.digests);
    const numbers = server.numbers();
    expect(numbers.receivedBytes).toBeLessThanOrEqual(fileBytes + (expected.extraChunks ?? 0) * chunkBytes);
    expect({ gaps: numbers.gaps, puts: numbers.maxConcurrentPuts }).toEqual({ gaps: 0, puts: 1 });
    expect(server.uploads().length).toBe(expected.sessions ?? 1);
    expect(numbers.refreshes).toBe(expected.refreshes ?? 0);
    expect(clock.waitedMs).toBeGreaterThanOrEqual(expected.waitedMs ?? 0);
  });

  const fatal: [string, Fault[], object][] = [
    [
      'is full',
      [{ on: 'upload-chunk', skip: 1, act: 'status', code: 403, reason: 'storageQuotaExceeded' }],
      { code: 'destination-full', retryable: false },
    ],
    [
      'takes no more today',
      [{ on: 'upload-chunk', skip: 1, act: 'status', code: 403, reason: 'dailyLimitExceeded' }],
      { code: 'destination-busy', retryable: false },
    ],
    [
      'does not allow it',
      [{ on: 'upload-start', act: 'status', code: 403, reason: 'insufficientFilePermissions' }],
      { code: 'destination-refused' },
    ],
    [
      'does not know the app',
      [{ on: 'upload-chunk', skip: 1, act: 'status', code: 403, reason: 'appNotAuthorizedToFile' }],
      { code: 'destination-refused' },
    ],
    ['grants too little', [{ on: 'upload-start', act: 'status', code: 403, reason: 'insufficientPermissions' }], { code: 'sign-in-scope' }],
    [
      'is switched off in the project',
      [{ on: 'any', act: 'status', code: 403, reason: 'accessNotConfigured' }],
      { code: 'sign-in-api-disabled' },
    ],
    ['was revoked in the middle', [{ on: 'upload-chunk', skip: 1, act: 'revoke' }], { code: 'sign-in-revoked' }],
    ['finds the request wrong', [{ on: 'upload-chunk', skip: 1, act: 'status', code: 400 }], { code: 'destination-refused' }],
  ];

  it.each(fatal)('%s fails at once with that reason, and leaves nothing under the name', async (_, faults, error) => {
    await using scene = await openUploadScene({}, { config: { chunkBytes } });
    const { clock, drive, server } = scene;
    const staged = await scene.stage(fileBytes);
    server.faults.add(...faults);
    await expect(drive.destination.put(objectName, staged)).rejects.toMatchObject(error);
    expect(server.faults.pending()).toEqual([]);
    expect(clock.waitedMs).toBe(0);
    expect(filesNamed(server, objectName)).toEqual([]);
  });

  it.each<[string, Fault[]]>([
    ['answers 308 and never takes more', [{ on: 'upload-chunk', skip: 2, times: 1000, act: 'no-progress' }]],
    ['is always busy', [{ on: 'upload-chunk', skip: 2, times: 1000, act: 'status', code: 503 }]],
    ['never answers', [{ on: 'upload-chunk', skip: 2, times: 1000, act: 'stall', afterBytes: 0 }]],
    ['loses every session', [{ on: 'upload-chunk', skip: 2, times: 1000, act: 'status', code: 404 }]],
    ['asks to come back tomorrow', [{ on: 'upload-chunk', skip: 2, times: 1000, act: 'status', code: 429, retryAfterSeconds: 86_400 }]],
  ])('%s: ends in bounded time, and can be gone on with', async (_, faults) => {
    await using scene = await openUploadScene({}, { config: { chunkBytes } });
    const { clock, drive, server } = scene;
    const staged = await scene.stage(fileBytes);
    server.faults.add(...faults);
    await expect(drive.destination.put(objectName, staged)).rejects.toMatchObject({ code: 'destination-busy', retryable: true });
    expect(clock.waitedMs).toBeLessThan(30 * 60_000);
    expect(server.requests().filter(({ kind }) => kind.startsWith('upload')).length).toBeLessThan(40);
    server.faults.clear();
    await drive.destination.put(objectName, staged);
    expect(uploadProblems(server, objectName, staged.digests)).toEqual([]);
  });

  it('forgets all when almost everything is there gets it again, however many chunks that takes', async () => {
    await using scene = await openUploadScene();
    const { drive, server } = scene;
    const staged = await scene.stage(40 * blockBytes);
    server.faults.add({ on: 'upload-chunk', skip: 35, act: 'missing-range' });
    await drive.destination.put(objectName, staged);
    expect(uploadProblems(server, objectName, staged.digests)).toEqual([]);
    expect(server.numbers().receivedBytes).toBe(76 * blockBytes);
  });

  it('stores another byte than was sent is found out by its digest', async () => {
    await using scene = await openUploadScene({}, { config: { chunkBytes } });
    const staged = await scene.stage(fileBytes);
    scene.server.faults.add({ on: 'upload-chunk', act: 'flip-byte' });
    await scene.drive.destination.put(objectName, staged);
    expect(await scene.drive.destination.digest(objectName)).not.toEqual(staged.digests);
  });
});
