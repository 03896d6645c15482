import type { Engine } from '../engine/engine.ts';
import type { ElectronApi } from './electron-api.ts';
import type { EngineView } from './engine-view.ts';

/** Lets title bars, dialogs and pages look as a person has chosen: as the system does, or always light or dark. */
export function followAppearance({ nativeTheme }: Pick<ElectronApi, 'nativeTheme'>, { settings }: Engine, view: EngineView): void {
  const adapt = () => {
    const { appearance } = settings.current.preferences;
    if (nativeTheme.themeSource !== appearance) nativeTheme.themeSource = appearance;
  };
  adapt();
  view.onChange(adapt);
}
