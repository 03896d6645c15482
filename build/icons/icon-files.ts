import { drawAppIcon, drawTrayImage, trayImages } from './drawing.ts';

/** A file that is made from drawings. Sizes are pixels of an edge; pictures of a container stand from small to large. */
export type IconFile =
  | { readonly kind: 'svg'; readonly path: string; readonly drawing: string }
  | { readonly kind: 'png'; readonly path: string; readonly drawing: string; readonly size: number }
  | { readonly kind: 'ico' | 'icns'; readonly path: string; readonly pictures: readonly IconPicture[] };

/** One picture of a container. */
export interface IconPicture {
  readonly drawing: string;
  readonly size: number;
}

/** The sizes in which Linux keeps an app's icon. */
const appSizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const windowsAppSizes = [16, 20, 24, 32, 40, 48, 64, 256];
const macAppSizes = [32, 64, 128, 256, 512, 1024];
/** At 100, 125, 150 and 200 percent. */
const windowsTraySizes = [16, 20, 24, 32];

/** Colours of what is drawn in the tray, by the ending of a file's name: for dark panels, and for light ones. */
const trayColours = { white: '#ffffff', ink: '#16223c' } as const;

/** Every file that `npm run icons` makes, by its path in the project. Pure. */
export function iconFiles(): IconFile[] {
  return [...trayFiles(), ...appFiles()];
}

function trayFiles(): IconFile[] {
  return trayImages.flatMap((image): IconFile[] => {
    const path = `build/icons/tray/${image}`;
    const template = drawTrayImage(image, '#000000');
    return [
      // macOS takes the alpha alone, and knows by the name that it may; see `nativeImage` in Electron's documentation.
      { kind: 'png', path: `${path}Template.png`, drawing: template, size: 16 },
      { kind: 'png', path: `${path}Template@2x.png`, drawing: template, size: 32 },
      ...Object.entries(trayColours).flatMap(([ending, colour]): IconFile[] => {
        const drawing = drawTrayImage(image, colour);
        return [
          { kind: 'png', path: `${path}-${ending}.png`, drawing, size: 24 },
          { kind: 'png', path: `${path}-${ending}@2x.png`, drawing, size: 48 },
          { kind: 'ico', path: `${path}-${ending}.ico`, pictures: windowsTraySizes.map((size) => ({ drawing, size })) },
        ];
      }),
    ];
  });
}

function appFiles(): IconFile[] {
  return [
    ...appSizes.map((size): IconFile => ({ kind: 'png', path: `build/icons/app/${size}x${size}.png`, ...appPicture(size, 16) })),
    { kind: 'ico', path: 'build/icons/app/icon.ico', pictures: windowsAppSizes.map((size) => appPicture(size, 16)) },
    // On macOS an icon's tile leaves a tenth of its square empty on each side.
    { kind: 'icns', path: 'build/icons/app/icon.icns', pictures: macAppSizes.map((size) => appPicture(size, 100)) },
    { kind: 'svg', path: 'build/icons/logo.svg', drawing: drawAppIcon({ inset: 16, hasFeathers: true }) },
    { kind: 'svg', path: 'renderer/public/favicon.svg', drawing: drawAppIcon({ inset: 0, hasFeathers: false }) },
  ];
}

function appPicture(size: number, inset: number): IconPicture {
  return { drawing: drawAppIcon({ inset, hasFeathers: size > 64 }), size };
}
