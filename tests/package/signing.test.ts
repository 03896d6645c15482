import { expect, it } from 'vitest';
import { signingArguments } from '../../build/signing.ts';

const unsigned = ['--config.mac.identity=-', '--config.mac.hardenedRuntime=false'];

it.each<[string, string, Record<string, string>, string[]]>([
  ['a certificate in a file', 'darwin', { CSC_LINK: '/certificate.p12' }, []],
  ['a certificate in the keychain', 'darwin', { CSC_NAME: 'Somebody' }, []],
  ['no certificate', 'darwin', {}, unsigned],
  ['a certificate that a workflow was not given', 'darwin', { CSC_LINK: '' }, unsigned],
  ['Linux', 'linux', {}, []],
  ['Windows', 'win32', {}, []],
])('signs with %s', (_, platform, environment, expected) => {
  expect(signingArguments(platform, environment)).toEqual(expected);
});
