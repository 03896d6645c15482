import { z } from 'zod';

/**
 * Where the members of a gzip object are, so that they can be decompressed in parallel: how much each holds, and their compressed sizes
 * in order, in one string. A million bytes of database take seven bytes of it.
 */
export const memberIndexSchema = z.object({ rawBytes: z.int().min(1), sizes: z.string().regex(/^[1-9]\d*( [1-9]\d*)*$/) });
export type MemberIndex = z.infer<typeof memberIndexSchema>;

export function encodeMemberIndex(rawBytes: number, sizes: readonly number[]): MemberIndex {
  return { rawBytes, sizes: sizes.join(' ') };
}

/** The compressed sizes in order. */
export function parseMemberSizes({ sizes }: MemberIndex): number[] {
  return sizes.split(' ').map(Number);
}

/** True where the members are all of an object of so many bytes. */
export function coversObject(index: MemberIndex, objectBytes: number): boolean {
  return parseMemberSizes(index).reduce((sum, size) => sum + size, 0) === objectBytes;
}
