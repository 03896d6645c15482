/**
 * How the page of the app's window gets its engine. Its own window tells it `pagePortMessage` with one MessagePort, over which the contract
 * is spoken; whenever the page comes too late for that, it posts `pagePortWanted` to its own window, and gets one anew. Both messages bear
 * nothing else and go to the window's own origin alone, so that the order in which page and app are ready does not matter.
 */
export const pagePortMessage = 'nightjar-port';

/** What the page posts to its own window to get a port. */
export const pagePortWanted = 'nightjar-port-wanted';

/** The origin of the page in the app; everywhere else it is reached over HTTP. */
export const appOrigin = 'app://nightjar';
