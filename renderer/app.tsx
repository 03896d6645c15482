import { Loader, NavLink, useMantineColorScheme } from '@mantine/core';
import { IconArchive, IconClockHour4, IconHistory, IconHome, IconSettings } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useLayoutEffect, useRef } from 'react';
import styles from './app.module.css';
import { engine } from './client.ts';
import { useSilence } from './live.ts';
import { OverviewPage } from './pages/overview.tsx';
import { FailureNote } from './parts/failure-note.tsx';
import { PageBoundary } from './parts/page-boundary.tsx';
import { type Page, pages, type Route, routeTo, useRoute } from './route.ts';

const openRestore = () => import('./pages/restore.tsx').then(({ RestorePage: default_ }) => ({ default: default_ }));
const openHistory = () => import('./pages/history.tsx').then(({ HistoryPage: default_ }) => ({ default: default_ }));
const openJobs = () => import('./pages/jobs.tsx').then(({ JobsPage: default_ }) => ({ default: default_ }));
const openSettings = () => import('./pages/settings.tsx').then(({ SettingsPage: default_ }) => ({ default: default_ }));
const RestorePage = lazy(openRestore);
const HistoryPage = lazy(openHistory);
const JobsPage = lazy(openJobs);
const SettingsPage = lazy(openSettings);

const menu: Readonly<Record<Page, { readonly label: string; readonly Icon: typeof IconHome }>> = {
  overview: { label: 'Overview', Icon: IconHome },
  restore: { label: 'Restore', Icon: IconHistory },
  history: { label: 'History', Icon: IconClockHour4 },
  jobs: { label: 'Jobs', Icon: IconArchive },
  settings: { label: 'Settings', Icon: IconSettings },
};

/** The window: a menu at the left, one page at the right. With `?window` it is a page of its own, as the tray opens it. */
export function App() {
  const route = useRoute();
  const isAlone = route.query.has('window');
  const place = [route.page, ...route.parts].join('/');
  useAppearance();
  usePlace(menu[route.page].label, place);
  useEveryPage();
  return (
    <div className={styles.window} data-alone={isAlone || undefined}>
      <button type="button" className={styles.skip} onClick={skipToContent}>
        Skip to content
      </button>
      {isAlone ? null : <Menu current={route.page} />}
      <main id="content" className={styles.content} tabIndex={-1}>
        <Silence />
        <PageBoundary key={route.page}>
          <Suspense fallback={<Loader size="sm" aria-label={`opening ${menu[route.page].label}`} />}>
            <PageOf route={route} />
          </Suspense>
        </PageBoundary>
      </main>
    </div>
  );
}

function Menu({ current }: { readonly current: Page }) {
  return (
    <nav className={styles.menu} aria-label="Pages">
      <div className={styles.mark}>
        <img src="/favicon.svg" alt="" width={22} height={22} />
        Nightjar
      </div>
      {pages.map((page) => {
        const { Icon, label } = menu[page];
        return (
          <NavLink
            key={page}
            href={routeTo(page)}
            label={label}
            leftSection={<Icon size={17} stroke={1.6} aria-hidden />}
            active={page === current}
            aria-current={page === current ? 'page' : undefined}
            variant="subtle"
            className={styles.entry ?? ''}
          />
        );
      })}
    </nav>
  );
}

function PageOf({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'restore':
      return <RestorePage route={route} />;
    case 'history':
      return <HistoryPage route={route} />;
    case 'jobs':
      return <JobsPage route={route} />;
    case 'settings':
      return <SettingsPage />;
  }
}

/** The page stays as it was when the engine was last heard. */
function Silence() {
  const silence = useSilence();
  return silence === null ? null : <FailureNote failure={silence} means="What is shown here may be old." />;
}

/** As the settings say; the system's look until they are read. */
function useAppearance(): void {
  const { setColorScheme } = useMantineColorScheme();
  const { data } = useQuery(engine.settings.get.queryOptions());
  const appearance = data?.preferences.appearance;
  useEffect(() => {
    if (appearance !== undefined) setColorScheme(appearance === 'system' ? 'auto' : appearance);
  }, [appearance, setColorScheme]);
}

/**
 * A new page begins at its top and is said to who hears instead of sees. So does another place of the same page, unless what has the focus
 * has stayed: a list at the side goes on where it was.
 */
function usePlace(label: string, place: string): void {
  const shown = useRef({ label, place });
  // Before it is painted: what is seen and what is said are the same page at any time.
  useLayoutEffect(() => {
    document.title = `${label} - Nightjar`;
    const isNew = shown.current.label !== label || (shown.current.place !== place && document.activeElement === document.body);
    shown.current = { label, place };
    const content = document.querySelector<HTMLElement>('#content');
    if (!isNew || content === null) return;
    content.focus({ preventScroll: true });
    content.scrollTop = 0;
  }, [label, place]);
}

/** Has every page here before it is wanted: what serves them may have ended by then. */
function useEveryPage(): void {
  useEffect(() => {
    for (const open of [openRestore, openHistory, openJobs, openSettings]) open().catch(() => {});
  }, []);
}

function skipToContent(): void {
  document.querySelector<HTMLElement>('#content')?.focus();
}
