import { type ReactNode, useEffect, useRef } from 'react';
import { hasMoved } from './moves.ts';
import './page.css';

export interface PageProps {
  /** The one heading of the first order, and the name of the tab. */
  readonly title: string;
  /** Beside the title: a badge. */
  readonly mark?: ReactNode;
  /** Below the title, in a line. */
  readonly lead?: ReactNode;
  /** What one does here, at the end of the title's line. */
  readonly actions?: ReactNode;
  /** Whether its title takes the focus; not where a field of it does. */
  readonly takesFocus?: boolean;
  readonly children: ReactNode;
}

/** A page: its title takes the focus when one comes here from another page, so that an ear knows where it is. */
export function Page({ title, mark, lead, actions, takesFocus = true, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Hofje`;
  }, [title]);
  useEffect(() => {
    const hasField = heading.current?.closest('main')?.contains(document.activeElement) ?? false;
    if (takesFocus && !hasField && hasMoved()) heading.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-words">
          <div className="page-title">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {mark}
          </div>
          {lead === undefined ? null : <p className="page-lead soft">{lead}</p>}
        </div>
        {actions === undefined ? null : <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
