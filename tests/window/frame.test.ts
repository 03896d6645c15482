import { expect, it } from 'vitest';
import { openWindowScene } from '../support/window-scene.ts';

it('opens the window on its overview, and every page by its entry in the menu', async () => {
  await using scene = await openWindowScene();
  const { page } = scene;
  const seen: string[] = [];
  for (const name of ['Restore', 'History', 'Jobs', 'Settings', 'Overview']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
    await page.locator('nav a[aria-current=page]', { hasText: name }).waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    seen.push(await page.title());
  }
  expect(seen).toEqual(['Restore', 'History', 'Jobs', 'Settings', 'Overview'].map((name) => `${name} - Nightjar`));
});
