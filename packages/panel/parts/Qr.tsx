import { useMemo } from 'react';
import { encode } from 'uqr';
import './qr.css';

/** A text for a camera, drawn here: it goes to nobody who would draw it. Dark on light in both themes, as cameras want it. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => drawingOf(text), [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  );
}

/** A square for each dark module, the quiet zone of four around them included (ISO/IEC 18004, 9.1). Pure. */
export function drawingOf(text: string): { readonly size: number; readonly path: string } {
  const { size, data } = encode(text, { ecc: 'M', border: 4 });
  const squares = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size, path: squares.join('') };
}
