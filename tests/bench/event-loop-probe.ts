import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/**
 * Preloaded into a process with `--import`: at its exit, writes what the main thread's event loop was delayed to the file that
 * NIGHTJAR_BENCH_LOOP_FILE names. A timer that is due every 5 ms measures it, so 5 ms in these numbers is a loop without any delay.
 */
const file = process.env.NIGHTJAR_BENCH_LOOP_FILE;

// The processes that the program forks inherit the preload; only the program itself is measured.
if (file !== undefined && isMainThread && process.send === undefined) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  process.once('exit', () => {
    delay.disable();
    const ms = (nanoseconds: number) => nanoseconds / 1e6;
    writeFileSync(
      file,
      JSON.stringify({ samples: delay.count, p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) }),
    );
  });
}
