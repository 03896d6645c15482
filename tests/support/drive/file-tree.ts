import { rmSync } from 'node:fs';
import type { StoredFile } from '../drive-server.ts';
import type { ServerState } from './server-state.ts';

export const folderType = 'application/vnd.google-apps.folder';

/** The files of the account and what follows from their places. */
export class FileTree {
  readonly #state: ServerState;

  constructor(state: ServerState) {
    this.#state = state;
  }

  /** By its id or the alias `root`. */
  find(id: string): StoredFile | undefined {
    return this.#state.files.get(id === 'root' ? this.#state.data.rootId : id);
  }

  /** Everything but the root folder, in the order of creation. */
  all(): StoredFile[] {
    return [...this.#state.files.values()].filter((file) => file.parent !== null);
  }

  /** With `drive.file` a client has its own files, and the root folder as the place to put them. */
  isVisible(file: StoredFile, clientId: string): boolean {
    return file.parent === null || file.clientId === clientId;
  }

  /** In the trash itself or within a folder that is. */
  isTrashed(file: StoredFile): boolean {
    return this.#path(file).some((step) => step.explicitlyTrashed);
  }

  isInside(file: StoredFile, folderId: string): boolean {
    return this.#path(file).some((step) => step.id === folderId);
  }

  put(file: StoredFile): void {
    const before = this.#state.files.get(file.id)?.content?.file;
    if (before !== undefined && before !== file.content?.file) this.#removeContent(before);
    this.#state.files.set(file.id, file);
    this.#state.data.ids[file.id] = 'used';
  }

  /** Deletes it for good, with everything in it. */
  remove(id: string): void {
    for (const child of this.all()) if (child.parent === id) this.remove(child.id);
    const content = this.#state.files.get(id)?.content;
    this.#state.files.delete(id);
    if (content) this.#removeContent(content.file);
  }

  usage(): { readonly total: number; readonly inTrash: number } {
    let total = 0;
    let inTrash = 0;
    for (const file of this.all()) {
      total += file.content?.size ?? 0;
      if (this.isTrashed(file)) inTrash += file.content?.size ?? 0;
    }
    return { total, inTrash };
  }

  hasRoomFor(bytes: number): boolean {
    const { quotaBytes } = this.#state.data;
    return quotaBytes === null || bytes === 0 || this.usage().total + bytes <= quotaBytes;
  }

  #path(file: StoredFile): StoredFile[] {
    const path = [file];
    for (let step = this.find(file.parent ?? ''); step; step = this.find(step.parent ?? '')) path.push(step);
    return path;
  }

  #removeContent(name: string): void {
    rmSync(this.#state.contentPath(name), { force: true });
  }
}
