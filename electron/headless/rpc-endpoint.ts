/** Where the procedures are, on the socket and in the web window. */
export const rpcPrefix = '/rpc';
