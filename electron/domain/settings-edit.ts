import { issuesOf } from './issues.ts';
import { type Settings, settingsSchema } from './model.ts';
import { refusedChanges, settingsProblems } from './settings-rules.ts';

/** What is to become of a settings file that a person has changed by hand. */
export type EditVerdict =
  | { readonly kind: 'accepted'; readonly settings: Settings }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** It may be the half of a save that is still under way. */
      readonly isUnfinished: boolean;
    };

/** Judges what a person has made of the settings file while `before` is in force; `null` is no file at all. */
export function judgeEdit(before: Settings, text: string | null, nowMs: number): EditVerdict {
  if (text === null) return { kind: 'refused', reason: 'the settings file was taken away', isUnfinished: true };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { kind: 'refused', reason: `the settings file is not JSON: ${(cause as Error).message}`, isUnfinished: true };
  }
  const parsed = settingsSchema.safeParse(value);
  if (!parsed.success) {
    return { kind: 'refused', reason: `the settings file cannot be used: ${issuesOf(parsed.error)}`, isUnfinished: false };
  }
  const problems = [...settingsProblems(parsed.data, nowMs), ...refusedChanges(before, parsed.data)];
  if (problems.length === 0) return { kind: 'accepted', settings: parsed.data };
  return { kind: 'refused', reason: `the settings file cannot be used: ${problems.join('; ')}`, isUnfinished: false };
}
