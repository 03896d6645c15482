import { startDriveServer } from '../support/drive-server.ts';

/** A Drive server in a process of its own, so that it takes no time of the one that is measured; it ends with its parent. */
const server = await startDriveServer({ folder: process.argv[2] ?? '' });
process.send?.({ url: server.url, tokens: server.issueTokens('https://www.googleapis.com/auth/drive.file') });
process.on('message', (id: string) => {
  server.remove(id);
  process.send?.({ removed: id });
});
process.on('disconnect', () => void server.close());
