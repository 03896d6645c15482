import { open } from 'node:fs/promises';

/** The measure that an upload is held against: a loop that PUTs the chunks of a file, and looks at nothing. */
const [url = '', token = '', path = '', chunk = ''] = process.argv.slice(2);
const chunkBytes = Number(chunk);
const file = await open(path, 'r');
const { size } = await file.stat();
const startedMs = performance.now();
const begun = await fetch(`${url}/upload/drive/v3/files?uploadType=resumable`, {
  method: 'POST',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-upload-content-length': String(size) },
  body: JSON.stringify({ name: 'bare' }),
});
const address = begun.headers.get('location') ?? '';
let last = '';
for (let offset = 0; offset < size; offset += chunkBytes) {
  const bytes = Buffer.allocUnsafe(Math.min(chunkBytes, size - offset));
  await file.read(bytes, 0, bytes.length, offset);
  const headers = { 'content-range': `bytes ${offset}-${offset + bytes.length - 1}/${size}` };
  const response = await fetch(address, { method: 'PUT', headers, body: bytes });
  last = await response.text();
}
const wallMs = performance.now() - startedMs;
const { id } = JSON.parse(last) as { id: string };
process.stdout.write(JSON.stringify({ id, wallMs, peakBytes: process.resourceUsage().maxRSS * 1024 }));
process.exit(0);
