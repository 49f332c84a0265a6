import './badge.css';

export interface BadgeProps {
  /** `good`: all is well. `watch`: it wants attention. `wrong`: it failed. `quiet`: only told. */
  readonly kind: 'good' | 'watch' | 'wrong' | 'quiet';
  readonly children: string;
}

/** A state in a word; the colour only repeats it. */
export function Badge({ kind, children }: BadgeProps) {
  return (
    <span className="badge" data-kind={kind}>
      {children}
    </span>
  );
}
