import { describe, expect, it } from 'vitest';
import { type ElectronProgram, type Machine, planAfterApp, planStart } from '../../build/start-plan.ts';

const absent: ElectronProgram = { state: 'absent' };
const present: ElectronProgram = { state: 'present', path: '/electron' };
const mac: Machine = { platform: 'darwin', environment: {}, userId: 501 };
const desktop: Machine = { platform: 'linux', environment: { DISPLAY: ':0' }, userId: 1000 };

function inBrowser(obstacle: string) {
  return { next: 'open-browser', notice: `The app does not open here, since ${obstacle}; the same window opens in a browser instead.` };
}

const noDisplay = inBrowser('there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)');

describe('planStart', () => {
  it.each<[string, Machine, ElectronProgram, unknown]>([
    ['opens the app', mac, present, { next: 'open-app', program: '/electron' }],
    ['opens the app on Linux with X', desktop, present, { next: 'open-app', program: '/electron' }],
    [
      'opens the app on Wayland',
      { ...desktop, environment: { WAYLAND_DISPLAY: 'wayland-0' } },
      present,
      { next: 'open-app', program: '/electron' },
    ],
    [
      'opens the app on Windows, where users have no number',
      { platform: 'win32', environment: {}, userId: null },
      present,
      { next: 'open-app', program: '/electron' },
    ],
    ['fetches Electron first', desktop, absent, { next: 'fetch-electron' }],
    ['fetches nothing where no display is', { ...desktop, environment: {} }, absent, noDisplay],
    ['takes an empty name for no display', { ...desktop, environment: { DISPLAY: '', WAYLAND_DISPLAY: '' } }, present, noDisplay],
    ['has no display for root either', { ...desktop, environment: {}, userId: 0 }, present, noDisplay],
    ['does not start Electron as root', { ...desktop, userId: 0 }, present, inBrowser('Electron does not run as root')],
    ['lets root on a Mac', { ...mac, userId: 0 }, present, { next: 'open-app', program: '/electron' }],
    [
      'says why there is no program',
      mac,
      { state: 'unobtainable', why: 'fetch failed' },
      inBrowser("Electron's program could not be fetched (fetch failed)"),
    ],
  ])('%s', (_, machine, electron, expected) => {
    expect(planStart(machine, electron)).toEqual(expected);
  });
});

describe('planAfterApp', () => {
  it('opens the browser where a loader did not find what Electron needs', () => {
    expect(planAfterApp(127)).toEqual(inBrowser('a library that Electron needs is not installed'));
  });

  it.each([0, 1, 130, null])('leaves it at what an app ended with: %s', (code) => {
    expect(planAfterApp(code)).toBeNull();
  });
});
