import { type ReactNode, useId } from 'react';
import './section.css';

export interface SectionProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** The title is for the ear alone: to the eye it would say the page's again. */
  readonly isQuiet?: boolean;
  readonly children: ReactNode;
}

/** A part of a page that has a name: a sheet of paper on the ground. */
export function Section({ title, lead, actions, isQuiet = false, children }: SectionProps) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <header className={isQuiet ? 'unseen' : 'section-head'}>
        <div className="section-words">
          <h2 id={id}>{title}</h2>
          {lead === undefined ? null : <p className="small soft">{lead}</p>}
        </div>
        {actions === undefined ? null : <div className="section-actions">{actions}</div>}
      </header>
      <div className="section-body">{children}</div>
    </section>
  );
}

/** Names and what they are, one below the other. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt className="soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
