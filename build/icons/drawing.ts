/**
 * The nightjar, as SVG. It is drawn on a grid of 32 units, so that two units are one pixel of the smallest icon: what shall be crisp there has
 * even coordinates.
 */

/** What an icon in the tray can show. Of a run, the quarters that are behind it. */
export const trayImages = [
  'good',
  'running-0',
  'running-25',
  'running-50',
  'running-75',
  'warning',
  'failed',
  'paused',
  'sign-in',
] as const;
export type TrayImage = (typeof trayImages)[number];

/** How the app's icon is laid out: what is empty around its tile, of 1024 units, and whether there is room for feathers. */
export interface AppIconLayout {
  readonly inset: number;
  readonly hasFeathers: boolean;
}

type Badge = 'warning' | 'failed' | 'paused' | 'sign-in';

interface BadgeDrawing {
  readonly shape: string;
  /** What is cut out of the bird for it; the shape itself by default. */
  readonly room?: string;
}

/** From the beak over the flat crown and the folded wings to the tail, and back along the belly. */
const bird =
  'M.4 13.8C1.4 13.4 2 12.6 2.4 11.6C3.2 9.2 5.2 8 8 8H11.4C14 8 15.8 8.9 17.6 9.9L31.3 17C32.1 17.5 31.8 18.5 30.9 18.4L27.6 18L31.4 20' +
  'C32.2 20.5 31.9 21.6 31 21.6C27.6 21.4 24.8 21 22.2 21.4C19.6 21.8 18.4 24 14.6 24H9.4C5.8 22.8 3.8 20 3.2 16C2 15.8 1 15 .4 13.8Z';
const sleepyEye = '<path d="M6 12h4a2 2 0 0 1-4 0z"/>';
const branch = '<rect y="24" width="32" height="2" rx="1"/>';

const keyOutline = 'M20 18a5 5 0 1 0 4.6 7H26V28';
const badges: Readonly<Record<Badge, BadgeDrawing>> = {
  warning: { shape: 'M24 16L32 30H16Z' },
  failed: { shape: 'M20.4 16H27.6L32 20.4V27.6L27.6 32H20.4L16 27.6V20.4Z' },
  paused: { shape: 'M18 18H22V30H18ZM26 18H30V30H26Z', room: 'M18 18H30V30H18Z' },
  'sign-in': {
    shape: `${keyOutline}H28V25H30V28H32V22H24.6A5 5 0 0 0 20 18ZM20 21a2 2 0 1 1 0 4a2 2 0 0 1 0-4Z`,
    room: `${keyOutline}H32V22H24.6A5 5 0 0 0 20 18Z`,
  },
};

const night = { top: '#24365b', bottom: '#0d1629', moon: '#e8c988', paper: '#f3ede0', lid: '#16223c', amber: '#f5a524' } as const;

/** The icon in the tray, in one colour on nothing. States differ in their shape. Pure. */
export function drawTrayImage(image: TrayImage, colour: string): string {
  return svg(32, `<g fill="${colour}" stroke="none">${trayBody(image, colour)}</g>`);
}

/** The app's icon: the bird before a crescent, by night. Pure. */
export function drawAppIcon({ inset, hasFeathers }: AppIconLayout): string {
  const side = 1024 - 2 * inset;
  const tile = `<rect x="${inset}" y="${inset}" width="${side}" height="${side}" rx="${Math.round(side * 0.225)}"/>`;
  const scaled = `transform="translate(512 512) scale(${(side / 824).toFixed(4)}) translate(-512 -512)"`;
  const perched = 'transform="translate(152 246) scale(22.5)"';
  return svg(
    1024,
    '<defs>' +
      `<linearGradient id="night" x1="0" y1="0" x2="0" y2="1"><stop stop-color="${night.top}"/><stop offset="1" stop-color="${night.bottom}"/></linearGradient>` +
      `<clipPath id="tile">${tile}</clipPath>` +
      '<mask id="crescent"><rect width="1024" height="1024" fill="#000"/><circle cx="622" cy="400" r="248" fill="#fff"/>' +
      `<circle cx="534" cy="342" r="216" fill="#000"/><path ${perched} d="${bird}" fill="#000" stroke="#000" stroke-width="1.7"/></mask>` +
      '</defs>' +
      `<g clip-path="url(#tile)"><rect width="1024" height="1024" fill="url(#night)"/><g ${scaled}>` +
      `<rect width="1024" height="1024" fill="${night.moon}" mask="url(#crescent)"/>` +
      `<g ${perched}><path d="${bird}" fill="${night.paper}"/>${hasFeathers ? feathers() : ''}` +
      `<path d="M5.3 12.1Q8 11.2 10.7 12.1A2.7 2.7 0 0 1 5.3 12.1Z" fill="${night.lid}"/>` +
      `<path d="M6.1 12.1Q8 11.6 9.9 12.1A1.9 1.9 0 0 1 6.1 12.1Z" fill="${night.amber}"/></g>` +
      `<rect x="-200" y="784" width="1424" height="42" fill="${night.paper}"/></g></g>` +
      `<g fill="none" stroke="#fff" stroke-opacity=".1" stroke-width="6">${tile}</g>`,
  );
}

function trayBody(image: TrayImage, colour: string): string {
  switch (image) {
    case 'good':
      return perchedBird('');
    case 'running-0':
    case 'running-25':
    case 'running-50':
    case 'running-75':
      return birdInRing(Number(image.slice('running-'.length)) / 100, colour);
    case 'warning':
    case 'failed':
    case 'paused':
    case 'sign-in':
      return badged(badges[image]);
  }
}

function badged({ shape, room = shape }: BadgeDrawing): string {
  const cut = `<path d="${room}" stroke="#000" stroke-width="4" stroke-linejoin="round"/>`;
  return `${perchedBird(cut)}<path fill-rule="evenodd" d="${shape}"/>`;
}

function perchedBird(cut: string): string {
  return cutOut(`<path d="${bird}"/>${branch}`, sleepyEye + cut);
}

/** The bird is smaller here, and its eye is one pixel of the smallest icon: a slit would be a smear. */
function birdInRing(done: number, colour: string): string {
  const length = 2 * Math.PI * 15;
  const ring = `<circle cx="16" cy="16" r="15" fill="none" stroke="${colour}" stroke-width="2"`;
  const small = cutOut(`<path d="${bird}"/>`, '<rect x="6" y="12" width="3.03" height="3.03"/>');
  const filled = `${ring} stroke-dasharray="${(done * length).toFixed(3)} ${length.toFixed(3)}" transform="rotate(-90 16 16)"/>`;
  return (
    `<g transform="translate(6.04 4.08) scale(.66)">${small}</g><rect x="6" y="20" width="20" height="2" rx="1"/>` +
    `${ring} stroke-opacity=".3"/>${done === 0 ? '' : filled}`
  );
}

function cutOut(body: string, cut: string): string {
  return `<mask id="cut"><rect width="32" height="32" fill="#fff"/><g fill="#000">${cut}</g></mask><g mask="url(#cut)">${body}</g>`;
}

function feathers(): string {
  const line = `fill="none" stroke="${night.top}" stroke-linecap="round"`;
  return (
    `<path d="M13.6 14.6C18 15 23.4 16.6 28.4 19.4" ${line} stroke-width=".55" stroke-opacity=".55"/>` +
    `<path d="M12.6 17.2C17 18.4 20.5 19.4 24.6 20.6" ${line} stroke-width=".5" stroke-opacity=".4"/>`
  );
}

function svg(units: number, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${units}" height="${units}" viewBox="0 0 ${units} ${units}"><title>Nightjar</title>${body}</svg>\n`;
}
