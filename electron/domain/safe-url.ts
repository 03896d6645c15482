/** True for an address that secrets may be sent to: encrypted, or not beyond this machine. */
export function isSafeUrl(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname));
}
