import { megabytes, seconds } from './figures.ts';
import { type BenchResult, type Measured, median, type StepName } from './results.ts';

interface Panel {
  readonly title: string;
  readonly bars: readonly { readonly label: string; readonly value: number; readonly text: string; readonly isOurs: boolean }[];
}

const width = 880;
const labelWidth = 220;
const textWidth = 90;
const barHeight = 18;
const barGap = 6;
const titleHeight = 34;
const panelGap = 22;

// Where a viewer tells nothing, the colours have to do on white and on black.
const style = `text{font:13px system-ui,sans-serif;fill:#6e7781}.title{font-weight:600;font-size:15px}.bar{fill:#9aa4af}.ours{fill:#2f81f7}
@media(prefers-color-scheme:light){text{fill:#1f2328}}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6e7681}}`;

/** The chart of a bench as an SVG document: what is sent and how long it takes, a bar for each contender; shorter is better. */
export function drawChart(result: BenchResult): string {
  const panels = [
    sentPanel(result, 'Sent on day 2', 'mixed'),
    sentPanel(result, 'Sent on an append-only day', 'appends'),
    panel(result, 'Time of day 2', 'mixed', ({ wallMs }) => wallMs, seconds),
    panel(result, 'Time of the first backup', 'first', ({ wallMs }) => wallMs, seconds),
    panel(result, 'Time to restore day 1', 'restore-first', ({ wallMs }) => wallMs, seconds),
  ].filter(({ bars }) => bars.length > 0);
  let top = 0;
  const drawn = panels.map((one) => {
    const group = `<g transform="translate(0 ${top})">${drawPanel(one)}</g>`;
    top += titleHeight + one.bars.length * (barHeight + barGap) + panelGap;
    return group;
  });
  const title = `Backups of a database of ${megabytes(result.databaseBytes)}; shorter bars are better`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img" aria-label="${escapeText(title)}">`,
    `<title>${escapeText(title)}</title><style>${style}</style>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

/** With the least that could be sent as its first bar. */
function sentPanel(result: BenchResult, title: string, step: 'mixed' | 'appends'): Panel {
  const { bars } = panel(result, title, step, ({ movedBytes }) => movedBytes, megabytes);
  const { limitBytes } = result.changes[step];
  const limit = { label: 'gzip of the changed pages', value: limitBytes, text: megabytes(limitBytes), isOurs: false };
  return { title, bars: bars.length > 0 ? [limit, ...bars] : [] };
}

function panel(
  { series }: BenchResult,
  title: string,
  step: StepName,
  read: (round: Measured) => number,
  format: (value: number | null) => string,
): Panel {
  const bars = series.flatMap(({ id, name, steps }) => {
    const value = median(steps[step], read);
    return value === null ? [] : [{ label: name.replaceAll('`', ''), value, text: format(value), isOurs: id.startsWith('nightjar') }];
  });
  return { title, bars };
}

function drawPanel({ title, bars }: Panel): string {
  const longest = Math.max(...bars.map(({ value }) => value));
  const lines = bars.map(({ label, value, text, isOurs }, index) => {
    const y = titleHeight + index * (barHeight + barGap);
    const length = Math.max(1, (value / longest) * (width - labelWidth - textWidth)).toFixed(1);
    const baseline = y + barHeight - 5;
    return [
      `<text x="${labelWidth - 10}" y="${baseline}" text-anchor="end">${escapeText(label)}</text>`,
      `<rect class="${isOurs ? 'ours' : 'bar'}" x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" rx="2"/>`,
      `<text x="${(labelWidth + Number(length) + 8).toFixed(1)}" y="${baseline}">${escapeText(text)}</text>`,
    ].join('');
  });
  return [`<text class="title" x="0" y="20">${escapeText(title)}</text>`, ...lines].join('\n');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
