/** What tells on Linux that there is a browser to open; `xdg-open` starts without any, too, and then opens nothing. */
const linuxSigns = ['DISPLAY', 'WAYLAND_DISPLAY', 'WSL_DISTRO_NAME', 'BROWSER'];

/** Opens a web address in the person's own browser; resolves to false where there is none, or for any other kind of address. */
export async function openInBrowser(url: string): Promise<boolean> {
  const protocol = URL.parse(url)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  if (process.platform === 'linux' && !linuxSigns.some((sign) => process.env[sign])) return false;
  try {
    const { default: open } = await import('open');
    await open(url);
    return true;
  } catch {
    return false; // Only a courtesy: whoever asks tells the address as well.
  }
}
