import { assessHome } from '../../engine/operations/assess.ts';
import { examine } from '../../engine/operations/doctor.ts';
import { reportText } from '../../engine/operations/doctor-report.ts';
import { gaugeDisks } from '../../engine/operations/gauge-disks.ts';
import { readLatestLog } from '../../engine/operations/run-log.ts';
import type { EngineHost } from '../engine-host.ts';
import { routes } from '../implement.ts';
import { attach, listen, orNever } from '../streams.ts';

/** Who is there, and how it is. */
export const engineRoutes = {
  hello: routes.engine.hello.handler(({ context: { host } }) => infoOf(host)),
  attach: routes.engine.attach.handler(({ context: { host }, signal }) => attach(host, infoOf(host), signal)),
  status: routes.engine.status.handler(({ context: { host } }) => {
    const { catalog, ports, settings } = host.look();
    return assessHome(settings, catalog, ports.clock.now());
  }),
  examine: routes.engine.examine.handler(({ context: { host }, signal }) => examine(host.engine(), orNever(signal))),
  report: routes.engine.report.handler(async ({ context: { host }, signal }) => {
    const engine = host.engine();
    return { text: await reportText(await examine(engine, orNever(signal)), engine.home, engine.ports) };
  }),
  log: routes.engine.log.handler(({ context: { host }, input: { limit } }) => readLatestLog(host.engine().home.logFolder, limit)),
  diskGuard: routes.engine.diskGuard.handler(({ context: { host }, signal }) => gaugeDisks(host.engine(), orNever(signal))),
  window: routes.engine.window.handler(({ context: { host } }) => ({ url: host.windowUrl() })),
  events: routes.engine.events.handler(({ context: { host }, signal }) => listen(host, signal)),
};

function infoOf(host: EngineHost) {
  const { home, ports } = host.engine();
  return { program: ports.program, pid: process.pid, home: home.path, startedAtMs: host.startedAtMs, isAtWork: host.isAtWork() };
}
