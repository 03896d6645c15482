import type { PendingUpload, RemoteMemory } from '../../catalog/remote-memory.ts';
import type { SecretStore } from '../../ports.ts';
import type { SessionKeeper, UploadSession } from './upload-session.ts';

const secretKey = (fileId: string) => `upload/${fileId}`;

/** Keeps the session of one object's upload: its address among the secrets, the rest in the catalog. */
export function keepSession(memory: RemoteMemory, secrets: SecretStore, name: string, fileId: string): SessionKeeper {
  const change = (edit: (upload: PendingUpload) => PendingUpload) => {
    const upload = memory.upload(name);
    if (upload) memory.saveUpload(name, edit(upload));
  };
  return {
    load: async () => {
      const upload = memory.upload(name);
      const address = await secrets.get(secretKey(fileId));
      if (!upload || address === null) return null;
      const { bytes, offered, sha256, startedAtMs } = upload;
      return { address, bytes, offered, sha256, startedAtMs };
    },
    save: async ({ address, bytes, offered, sha256, startedAtMs }: UploadSession) => {
      // The address first: what the catalog says of an upload is believed only together with one.
      await secrets.set(secretKey(fileId), address);
      change((upload) => ({ ...upload, bytes, offered, sha256, startedAtMs }));
    },
    offer: (offered) => change((upload) => ({ ...upload, offered })),
    forget: () => secrets.remove(secretKey(fileId)),
  };
}

/** Forgets an upload that will not be gone on with. */
export async function forgetUpload(memory: RemoteMemory, secrets: SecretStore, name: string): Promise<void> {
  const upload = memory.upload(name);
  if (!upload) return;
  await secrets.remove(secretKey(upload.fileId));
  memory.forgetUpload(name);
}
