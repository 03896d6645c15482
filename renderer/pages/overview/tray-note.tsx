import { useQuery } from '@tanstack/react-query';
import { engine } from '../../client.ts';
import styles from './note.module.css';

/** In the app on a system that shows no tray icon: without its window nobody would find it again. */
export function TrayNote() {
  const { data } = useQuery(engine.desktop.info.queryOptions());
  if (data === undefined || data.kind !== 'app' || data.hasTray) return null;
  return (
    <p className={styles.quiet}>
      This desktop shows no tray icons, so this window has to stay open: backups run as long as it does. A desktop extension for tray icons
      brings the icon back.
    </p>
  );
}
