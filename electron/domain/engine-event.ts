import type { Notification } from './notifications.ts';
import type { RunEvent } from './run-event.ts';

/** Items of a git job wait for their backup. */
export interface QueueEvent {
  readonly type: 'items-queued';
  readonly job: string;
  readonly atMs: number;
}

/** Something that a person should learn of without asking. */
export interface NotificationEvent extends Notification {
  readonly type: 'notification';
  readonly atMs: number;
}

/** Everything that an engine tells those who listen. */
export type EngineEvent = RunEvent | QueueEvent | NotificationEvent;
