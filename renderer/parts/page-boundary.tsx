import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { FailureNote } from './failure-note.tsx';

interface PageBoundaryProps {
  readonly children: ReactNode;
}

interface PageBoundaryState {
  readonly error: Error | null;
}

/** Keeps the window where a page of it cannot be shown, and says so in its place. Another key begins anew. */
export class PageBoundary extends Component<PageBoundaryProps, PageBoundaryState> {
  override state: PageBoundaryState = { error: null };

  static getDerivedStateFromError(error: unknown): PageBoundaryState {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const failure = {
      code: 'page-broken',
      message: 'This page cannot be shown',
      hint: 'Load the window again; if that does not help, copy the diagnosis',
    };
    return (
      <FailureNote failure={failure} means="Backups go on without it." diagnosis={`page-broken at ${location.hash}: ${error.message}`}>
        <Button size="compact-xs" variant="default" onClick={() => location.reload()}>
          Load the window again
        </Button>
      </FailureNote>
    );
  }
}
