/** Where the procedures are, on the socket and in the web window. */
export const rpcPrefix = '/rpc';

/** What a call may hold at most: inputs are small; a note is text. */
export const maxBodyBytes = 1024 * 1024;
