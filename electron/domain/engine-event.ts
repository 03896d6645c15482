import type { Notification } from './notifications.ts';
import type { RunEvent } from './run-event.ts';

/** Items of a git job wait for their backup. */
export interface QueueEvent {
  readonly type: 'items-queued';
  readonly job: string;
  readonly atMs: number;
}

/** The settings are others now, and in force: a person has changed their file, or somebody has asked for a change, and may not be done yet. */
export interface SettingsChangedEvent {
  readonly type: 'settings-changed';
  readonly atMs: number;
}

/** A person has changed the settings file by hand so that it cannot be used: the last good settings stay in force, and are in the file again. */
export interface SettingsRefusedEvent {
  readonly type: 'settings-refused';
  readonly reason: string;
  /** Where the refused file is kept; `null` where the file had been taken away. */
  readonly setAside: string | null;
  readonly atMs: number;
}

/** Something that a person should learn of without asking. */
export interface NotificationEvent extends Notification {
  readonly type: 'notification';
  readonly atMs: number;
}

/** Everything that an engine tells those who listen. */
export type EngineEvent = RunEvent | QueueEvent | SettingsChangedEvent | SettingsRefusedEvent | NotificationEvent;

/** Each kind of event, and whether it belongs to a run. */
const belongsToRun: Readonly<Record<EngineEvent['type'], boolean>> = {
  'run-started': true,
  'step-started': true,
  'step-progress': true,
  'step-finished': true,
  'step-failed': true,
  warning: true,
  'run-finished': true,
  'items-queued': false,
  'settings-changed': false,
  'settings-refused': false,
  notification: false,
};

/** True for what happens in a run or a restore. */
export function isRunEvent(event: EngineEvent): event is RunEvent {
  return belongsToRun[event.type];
}
