import type { ReactNode } from 'react';
import { Icon } from './icons.tsx';
import './notice.css';

export interface NoticeProps {
  /** `wrong`: something failed. `watch`: it wants attention. `good`: it went well. */
  readonly kind: 'wrong' | 'watch' | 'good';
  readonly title?: string;
  readonly children: ReactNode;
}

/** Words that the reader must not miss, where they belong; an ear hears them at once when they come. */
export function Notice({ kind, title, children }: NoticeProps) {
  return (
    <div className={`notice notice-${kind}`} role={kind === 'wrong' ? 'alert' : 'status'}>
      <Icon name={kind === 'good' ? 'check' : 'warning'} size={18} />
      <div className="notice-words">
        {title === undefined ? null : <strong>{title}</strong>}
        <div>{children}</div>
      </div>
    </div>
  );
}
