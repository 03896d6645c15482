import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretStore } from '../../electron/engine/ports.ts';

/** A store that was never written to, with what a test has to do behind its back. */
export interface SecretStoreHarness {
  readonly store: SecretStore;
  /** The same store as the program finds it after a restart. */
  reopen(): SecretStore;
  /** True where a user other than the owner could read what is kept. */
  isReadableByOthers(): Promise<boolean>;
  cleanup(): Promise<void>;
}

/** Proves the guarantees of the `SecretStore` interface of whatever `makeHarness` makes; a crash belongs to the tests of each kind. */
export function secretStoreContract(label: string, makeHarness: () => Promise<SecretStoreHarness>): void {
  describe(label, () => {
    let harness: SecretStoreHarness;
    let store: SecretStore;
    beforeEach(async () => {
      harness = await makeHarness();
      store = harness.store;
    });
    afterEach(() => harness.cleanup());

    it('has nothing at first', async () => {
      expect(await store.get('drive/dest-1/tokens')).toBeNull();
    });

    it.each(['secret', '', 'Grüße, 夜鷹\n\u0000"\\', 'long '.repeat(20_000)])(
      'gives back what was set, also after a restart: %j',
      async (value) => {
        await store.set('drive/dest-1/tokens', value);
        expect(await store.get('drive/dest-1/tokens')).toBe(value);
        expect(await harness.reopen().get('drive/dest-1/tokens')).toBe(value);
      },
    );

    it('replaces a value, and leaves the others', async () => {
      await store.set('one', '1');
      await store.set('two', '2');
      await store.set('one', '3');
      expect([await store.get('one'), await store.get('two')]).toEqual(['3', '2']);
    });

    it('removes a key, and takes a missing one for no error', async () => {
      await store.set('one', '1');
      await store.set('two', '2');
      await store.remove('one');
      await store.remove('one');
      await store.remove('never there');
      const reopened = harness.reopen();
      expect([await reopened.get('one'), await reopened.get('two')]).toEqual([null, '2']);
    });

    it('takes names of members of an object for keys like any other', async () => {
      expect([await store.get('constructor'), await store.get('toString')]).toEqual([null, null]);
      await store.set('constructor', 'x');
      expect(await harness.reopen().get('constructor')).toBe('x');
    });

    it('loses no key where many are set and removed at once, also by a second store of the same place', async () => {
      const second = harness.reopen();
      const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
      await Promise.all(keys.map((key, index) => (index % 2 ? store : second).set(key, key)));
      await Promise.all(keys.map((key, index) => (index % 4 === 0 ? store.remove(key) : second.set(key, `${key} again`))));
      const reopened = harness.reopen();
      expect(await Promise.all(keys.map((key) => reopened.get(key)))).toEqual(
        keys.map((key, index) => (index % 4 === 0 ? null : `${key} again`)),
      );
    });

    it('is for its owner alone', async () => {
      await store.set('one', '1');
      expect(await harness.isReadableByOthers()).toBe(false);
    });
  });
}
