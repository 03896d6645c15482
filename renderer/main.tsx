import '@mantine/core/styles.css';
import './window.css';
import { MantineProvider } from '@mantine/core';
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { followEngine } from './live.ts';
import { theme, variables } from './theme.ts';

// The events say when something is old; asking again because a window was clicked would tell nothing new.
const queries: QueryClient = new QueryClient({
  // What was changed here is shown at once, whatever the engine tells of it.
  mutationCache: new MutationCache({ onSuccess: () => void queries.invalidateQueries() }),
  defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false } },
});
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
const root = document.querySelector('#window');
if (root === null) throw new Error('the page has no #window');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <App />
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
void followEngine(queries);
