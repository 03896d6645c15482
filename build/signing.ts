/**
 * How a package is signed, as arguments of electron-builder: by a certificate that the environment names, which electron-builder reads itself,
 * or else on macOS by nobody in particular. Without any signature a Mac refuses to start what is packed for its own processor, and with the
 * hardened runtime it would refuse the libraries of an app that nobody signed. Pure.
 */
export function signingArguments(platform: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  if (platform !== 'darwin' || environment['CSC_LINK'] || environment['CSC_NAME']) return [];
  return ['--config.mac.identity=-', '--config.mac.hardenedRuntime=false'];
}
