import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

/** A nightjar's eye: what can be pressed. */
const amber: MantineColorsTuple = [
  '#fff8e8',
  '#ffeecb',
  '#ffdc96',
  '#ffc95c',
  '#f7b02c',
  '#e59a0c',
  '#b87700',
  '#8f5b00',
  '#734900',
  '#563600',
];
/** Ink, from what is written on it to its depth. */
const ink: MantineColorsTuple = [
  '#e8ebf3',
  '#c8cedd',
  '#a3acc2',
  '#8791ab',
  '#3b4660',
  '#2a344c',
  '#1d263b',
  '#141c2f',
  '#0f1626',
  '#0a0f1c',
];

/** Paper, from its ground to what is hardly written on it. */
const paper: MantineColorsTuple = [
  '#f7f4ed',
  '#f0ece2',
  '#e3ddd0',
  '#d3ccbd',
  '#b9b2a3',
  '#8d8779',
  '#6b665b',
  '#514d45',
  '#383530',
  '#24221e',
];

/** What is written on the accent is as dark or light as the accent of the look asks for: it is not the same one in both. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const resolved = defaultVariantColorsResolver(input);
  const isAccent = input.variant === 'filled' && (input.color ?? 'amber') === 'amber';
  return isAccent ? { ...resolved, color: 'var(--mantine-primary-color-contrast)' } : resolved;
};

/** Ink in the dark, paper in the light, one accent; dense and calm. */
export const theme = createTheme({
  colors: { amber, dark: ink, gray: paper },
  white: '#fdfcf9',
  black: '#1b2130',
  primaryColor: 'amber',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  variantColorResolver,
  fontFamily: "-apple-system, BlinkMacSystemFont, 'Segoe UI', system-ui, 'Cantarell', 'Noto Sans', 'Open Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '14px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '15px' }, h3: { fontSize: '14px' } } },
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm' } },
    // The page itself does not scroll, so nothing need be locked: a style of its own would be against the policy.
    Modal: {
      defaultProps: {
        centered: true,
        lockScroll: false,
        closeButtonProps: { 'aria-label': 'Close' },
        overlayProps: { backgroundOpacity: 0.45 },
      },
    },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
  },
});

/** Colours by what they mean, for both looks; each has 4.5:1 on the window's ground. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--good': '#0b6b5d',
    '--running': '#1f5fbf',
    '--warning': '#8a5a00',
    '--failed': '#b3261e',
    '--quiet': '#5d6475',
    '--hairline': '#e2ddd2',
    '--raised': '#f6f3ec',
    '--mantine-color-body': '#fdfcf9',
    '--mantine-color-dimmed': '#5d6475',
    '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--good': '#4fd1b5',
    '--running': '#7db3ff',
    '--warning': '#f7b955',
    '--failed': '#ff8a80',
    '--quiet': '#a3acc2',
    '--hairline': '#263049',
    '--raised': '#182136',
    '--mantine-color-body': '#101828',
    '--mantine-color-dimmed': '#a3acc2',
    '--mantine-color-error': '#ff8a80',
  },
});
