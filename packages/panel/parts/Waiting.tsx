import type { ReactNode } from 'react';
import { common } from '../text/common.ts';
import { problems, problemText } from '../text/problems.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Button } from './Button.tsx';
import { Icon, type IconName } from './icons.tsx';
import { Notice } from './Notice.tsx';
import './waiting.css';

/** Room for what is not there yet: as high as that will be, so that nothing moves when it comes. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  const say = useTexts(common);
  return (
    <div className="skeleton" role="status" aria-label={say('loading')}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className="skeleton-bar" />
      ))}
    </div>
  );
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  refetch?(): unknown;
}

export interface LoadedProps<T> {
  readonly from: Asked<T>;
  /** How many lines its skeleton has. */
  readonly lines?: number;
  children(data: T): ReactNode;
}

/** What was asked for, when it is there; until then its room, or why it is not. */
export function Loaded<T>({ from, lines, children }: LoadedProps<T>) {
  if (from.data !== undefined) return children(from.data);
  if (from.error !== null && from.error !== undefined) return <Failed error={from.error} retry={from.refetch} />;
  return <Skeleton {...(lines !== undefined && { lines })} />;
}

/** Why something is not there, and another try. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: (() => unknown) | undefined }) {
  const say = useTexts(common);
  const sayProblem = useTexts(problems);
  return (
    <Notice kind="wrong">
      <p>{problemText(sayProblem, error)}</p>
      {retry === undefined ? null : (
        <Button kind="plain" onPress={() => void retry()}>
          {say('retry')}
        </Button>
      )}
    </Notice>
  );
}

export interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  /** What would stand here, and how it comes here. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** Where there is nothing yet: what it is for, and how to begin. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="empty">
      <Icon name={icon} size={32} />
      <h2>{title}</h2>
      <p className="soft">{children}</p>
      {action}
    </div>
  );
}
