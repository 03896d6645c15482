import { sameName } from '../../domain/model.ts';
import type { Connected, SignInEvent } from '../../domain/outcomes.ts';
import { addDrive, signInTo } from '../../engine/operations/connect.ts';
import {
  addFolder,
  changeTransfer,
  inspectDestination,
  readContents,
  removeDestination,
} from '../../engine/operations/set-up-destination.ts';
import { refuseTaken } from '../../engine/operations/taken-name.ts';
import { testDestination } from '../../engine/operations/test-destination.ts';
import { destinationNamed } from '../../engine/settings-store.ts';
import { routes } from '../implement.ts';
import { orNever, relay } from '../streams.ts';

export const destinationRoutes = {
  addFolder: routes.destinations.addFolder.handler(({ context: { host }, input: { make, name, path } }) =>
    addFolder(host.engine(), name, path, make),
  ),
  addDrive: routes.destinations.addDrive.handler(({ context: { host }, input: { clientFile, config }, signal }) => {
    const engine = host.engine();
    refuseTaken(engine, (other) => sameName(other.name, config.name));
    return addDrive(engine, { ...config, id: engine.ports.ids.make('dest') }, clientFile, orNever(signal));
  }),
  // The tokens stay with the engine. Its person sits at the client, which is told the address and opens it. An engine that ends does not wait.
  signIn: routes.destinations.signIn.handler(({ context: { host }, input: { clientFile, name, switchAccount }, signal }) =>
    relay<SignInEvent, Connected>(host, signal, (tell, until) => {
      const onUrl = (url: string) => tell({ type: 'address', url });
      const untilEnding = AbortSignal.any([until, host.ending]);
      return signInTo(host.engine(), name, { browser: false, clientFile, onUrl, signal: untilEnding, switchAccount });
    }),
  ),
  set: routes.destinations.set.handler(({ context: { host }, input: { name, ...transfer } }) =>
    changeTransfer(host.engine(), name, transfer),
  ),
  inspect: routes.destinations.inspect.handler(({ context: { host }, input: { name }, signal }) =>
    inspectDestination(host.engine(), name, signal),
  ),
  contents: routes.destinations.contents.handler(({ context: { host }, input: { destination }, signal }) =>
    readContents(host.engine(), destination, signal),
  ),
  test: routes.destinations.test.handler(({ context: { host }, input, signal }) => {
    const engine = host.engine();
    const { name } = destinationNamed(engine.settings.current, input.name);
    return testDestination(engine, name, orNever(signal));
  }),
  remove: routes.destinations.remove.handler(({ context: { host }, input: { name } }) => removeDestination(host.engine(), name)),
};
