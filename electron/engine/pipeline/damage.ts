import { BackupError } from '../../domain/errors.ts';

/**
 * Translates what a decompressor says of bytes that it cannot read: `digest-mismatch`, with what was being read in front. Any other
 * error is returned as it is.
 */
export function asDamage(error: unknown, what: string): unknown {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  const isDamage = typeof code === 'string' && /^(Z_|ZSTD_|ERR_BUFFER_TOO_LARGE$)/.test(code);
  return isDamage ? new BackupError('digest-mismatch', `${what}: ${message}`, { cause: error }) : error;
}
