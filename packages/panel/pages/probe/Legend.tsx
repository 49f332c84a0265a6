import { useTexts } from '../../text/useTexts.tsx';
import { verdictTexts } from '../proof/wall-texts.ts';
import { SIGNS } from './MatrixGrid.tsx';

/** What each colour and sign means. */
export function Legend() {
  const say = useTexts(verdictTexts);
  return (
    <ul className="matrix-legend small">
      {(['closed', 'open', 'declared', 'not-tested'] as const).map((verdict) => (
        <li key={verdict}>
          <span className="matrix-cell" data-verdict={verdict} aria-hidden="true">
            {SIGNS[verdict]}
          </span>
          {say(verdict)}
        </li>
      ))}
    </ul>
  );
}
