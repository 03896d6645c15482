/** A size at an instant. */
export interface SizePoint {
  readonly atMs: number;
  readonly bytes: number;
}

/** What is drawn: from the one instant to the other, from nothing up to `maxBytes`, in a box of so many units. */
export interface PlotFrame {
  readonly fromMs: number;
  readonly toMs: number;
  readonly maxBytes: number;
  readonly width: number;
  readonly height: number;
}

/** Where a point is in a frame; the largest is at the top. Pure. */
export function placePoint({ atMs, bytes }: SizePoint, { fromMs, height, maxBytes, toMs, width }: PlotFrame): { x: number; y: number } {
  const span = Math.max(1, toMs - fromMs);
  return {
    x: round(((atMs - fromMs) / span) * width),
    y: round(height - (maxBytes === 0 ? 0 : bytes / maxBytes) * height),
  };
}

/** The path of a line through points, oldest first. Pure. */
export function linePath(points: readonly SizePoint[], frame: PlotFrame): string {
  return points
    .map((point, index) => {
      const { x, y } = placePoint(point, frame);
      return `${index === 0 ? 'M' : 'L'}${x} ${y}`;
    })
    .join('');
}

/** The path of what is below that line. Pure. */
export function areaPath(points: readonly SizePoint[], frame: PlotFrame): string {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return '';
  return `${linePath(points, frame)}L${placePoint(last, frame).x} ${frame.height}L${placePoint(first, frame).x} ${frame.height}Z`;
}

/** The path of one upright line for each point, from nothing up to it. Pure. */
export function stemPath(points: readonly SizePoint[], frame: PlotFrame): string {
  return points
    .map((point) => {
      const { x, y } = placePoint(point, frame);
      return `M${x} ${frame.height}V${y}`;
    })
    .join('');
}

/** A round number of bytes that is not below the given one, in decimal steps of 1, 2 and 5. Pure. */
export function roundUpBytes(bytes: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, bytes)));
  return power * ([1, 2, 5].find((step) => step * power >= bytes) ?? 10);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
