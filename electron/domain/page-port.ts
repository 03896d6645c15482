/**
 * How the page of the app's window gets its engine: it posts `pagePortWanted` to its own window, and is answered there with `pagePortMessage`
 * and one MessagePort, over which the contract is spoken. Both messages bear nothing else and go to the window's own origin alone. The preload
 * script listens before the page begins, so that none is asked for in vain.
 */
export const pagePortWanted = 'nightjar-port-wanted';

/** What comes with the port. */
export const pagePortMessage = 'nightjar-port';

/** The origin of the page in the app; everywhere else it is reached over HTTP. */
export const appOrigin = 'app://nightjar';
