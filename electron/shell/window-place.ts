import type { WindowPlace } from '../domain/model.ts';

/** A rectangle on the screen, in points. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The window where it was never moved. */
export const defaultSize = { width: 1080, height: 760 };
export const smallestSize = { width: 720, height: 520 };

/** So much of a window has to be on a screen that a person can take hold of it. */
const gripPoints = 120;

/** Where the window goes: where it was, as large as fits, if that is on one of the screens still; otherwise wherever the system puts it. Pure. */
export function placeWindow(former: WindowPlace | null, screens: readonly Area[]): Partial<Area> {
  if (former === null) return defaultSize;
  const screen = screens.find((area) => isWithinReach(former, area));
  const size = {
    width: Math.max(smallestSize.width, Math.min(former.width, screen?.width ?? former.width)),
    height: Math.max(smallestSize.height, Math.min(former.height, screen?.height ?? former.height)),
  };
  return screen === undefined ? size : { x: former.x, y: former.y, ...size };
}

/** True where enough of the upper edge, by which windows are moved, is on the screen. */
function isWithinReach(place: Area, screen: Area): boolean {
  const seen = Math.min(place.x + place.width, screen.x + screen.width) - Math.max(place.x, screen.x);
  return seen >= gripPoints && place.y >= screen.y && place.y <= screen.y + screen.height - gripPoints;
}
