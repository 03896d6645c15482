import { type PlainPage, plainPageStyle } from '../../platform/plain-page.ts';

export const wrongRequestPage: PlainPage = {
  status: 400,
  title: 'This does not belong to the sign-in',
  text: 'Nightjar is still waiting for the answer of the page that it opened.',
};

export const answeredPage: PlainPage = {
  status: 409,
  title: 'This sign-in was answered already',
  text: 'You can close this window.',
};

/** Nothing may be loaded, sent or framed; the address with the code in it goes nowhere else and is not kept. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src ${plainPageStyle}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
};
