import { availableParallelism } from 'node:os';
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib';
import { blockBytes, type FillBlock } from './raw-blocks.ts';

/** How much is given to the compressor at once: enough for all its threads. */
const batchBytes = 8 * blockBytes;

/**
 * Compresses raw bytes into one zstd frame with its content's size and checksum (RFC 8878), on all cores, and yields it in pieces.
 * One frame, since many readers stop after the first of several. Two batches are in memory, and what is made of one of them.
 */
export async function* zstdFrame(fillBlock: FillBlock, level: number, rawBytes: number): AsyncGenerator<Buffer> {
  const compressor = startFrame(level, rawBytes);
  const pieces: Buffer[] = [];
  compressor.on('data', (piece: Buffer) => pieces.push(piece));
  // The call that failed says so as well.
  compressor.on('error', () => {});
  const [first, second] = [Buffer.allocUnsafeSlow(batchBytes), Buffer.allocUnsafeSlow(batchBytes)];
  let [idle, busy] = [first, second];
  let compressing = Promise.resolve();
  try {
    for (;;) {
      // Read and digested while the batch before it is compressed; what that gave is written while this one is.
      const batch = await fillBlock(idle);
      await compressing;
      const ready = pieces.splice(0);
      if (batch.length === 0) {
        await endFrame(compressor);
        yield* [...ready, ...pieces];
        return;
      }
      compressing = compressBatch(compressor, batch);
      [idle, busy] = [busy, idle];
      yield* ready;
    }
  } finally {
    compressor.destroy();
  }
}

function startFrame(level: number, rawBytes: number): ZstdCompress {
  return createZstdCompress({
    chunkSize: blockBytes,
    pledgedSrcSize: rawBytes,
    // With threads of its own, zstd may leave a part of what it is given for the next call; Node's stream takes that for the end. A
    // flush takes all of a batch, and its jobs run at the same time.
    flush: constants.ZSTD_e_flush,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_contentSizeFlag]: 1,
      [constants.ZSTD_c_checksumFlag]: 1,
      [constants.ZSTD_c_nbWorkers]: Math.min(batchBytes / blockBytes, availableParallelism()),
      [constants.ZSTD_c_jobSize]: blockBytes,
    },
  });
}

/** Resolves when all of a batch is compressed and its pieces are out. */
function compressBatch(compressor: ZstdCompress, batch: Buffer): Promise<void> {
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  compressor.write(batch, (error) => (error ? reject(error) : resolve()));
  // Taken when the next batch was read.
  promise.catch(() => {});
  return promise;
}

function endFrame(compressor: ZstdCompress): Promise<void> {
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  compressor.once('error', reject).once('end', resolve).end();
  return promise;
}
