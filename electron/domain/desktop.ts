/** Whether Nightjar starts when its person logs in, as the system itself says. */
export const loginItemStates = ['off', 'on', 'needs-approval', 'unavailable'] as const;
export type LoginItemState = (typeof loginItemStates)[number];

export interface LoginItem {
  readonly state: LoginItemState;
  /** Why it is so, where that is not plain from the state; one sentence. */
  readonly message: string | null;
}

/** Pages of the system's settings that Nightjar sends a person to. */
export const systemPages = ['full-disk-access', 'login-items'] as const;
export type SystemPage = (typeof systemPages)[number];

/** What is asked for in a file dialog. */
export const pathWants = ['database', 'file', 'folder', 'new-file'] as const;
export type PathWant = (typeof pathWants)[number];

/** What is known of a newer version. */
export interface UpdateState {
  readonly state: 'unsupported' | 'unknown' | 'current' | 'available' | 'downloading' | 'ready' | 'failed';
  /** The newer version; `null` where none is known. */
  readonly version: string | null;
  /** One sentence for people; `null` where the state says it all. */
  readonly message: string | null;
}

/** The desktop around a window: in the app, what that can do; in a browser, what it cannot. */
export interface DesktopInfo {
  readonly kind: 'app' | 'browser';
  /** As Node names it: `darwin`, `linux`, `win32`. */
  readonly platform: string;
  /** False in the app where the system shows no tray: its window has to stay. */
  readonly hasTray: boolean;
  readonly loginItem: LoginItem;
  readonly update: UpdateState;
  /** The person's own folder on the engine's machine: what `~` means there. */
  readonly homeFolder: string;
  /** The folder of the logs. */
  readonly logFolder: string;
}
