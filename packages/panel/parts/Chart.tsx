import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { Language } from '#model/right/role.ts';
import 'uplot/dist/uPlot.min.css';
import { localeOf } from '../text/formats.ts';
import { useLanguage } from '../text/useTexts.tsx';
import './chart.css';

export interface ChartProps {
  /** What it shows, for the ear: a sentence with the figures that matter. */
  readonly label: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  /** How a value is written at the axis. */
  readonly format: (value: number) => string;
  /** Colour of its line, as a custom property: `--lamp`. */
  readonly colour?: `--${string}`;
  /** Bytes: the axis has round numbers in steps of 1024. */
  readonly isBytes?: boolean;
}

const HEIGHT = 132;
/** 1, 2, 4, ... bytes. */
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** A small line over time. Drawn on a canvas in the colours of the page; drawn anew when these or its room change. */
export function Chart({ label, times, values, format, colour = '--door', isBytes = false }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const language = useLanguage();

  useEffect(() => {
    const room = place.current;
    if (room === null) return;
    let plot: uPlot | undefined;
    const draw = () => {
      plot?.destroy();
      const options = optionsFor(room, language, format, colour, isBytes);
      plot = new uPlot(options, [[...times], [...values]], room);
    };
    draw();
    const sizes = new ResizeObserver(() => {
      if (plot !== undefined && plot.width !== room.clientWidth)
        plot.setSize({ width: room.clientWidth, height: HEIGHT });
    });
    sizes.observe(room);
    const night = matchMedia('(prefers-color-scheme: dark)');
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    night.addEventListener('change', draw);
    return () => {
      sizes.disconnect();
      themes.disconnect();
      night.removeEventListener('change', draw);
      plot?.destroy();
    };
  }, [times, values, format, colour, language, isBytes]);

  return (
    <figure className="chart" role="img" aria-label={label}>
      <div className="chart-room" ref={place} />
    </figure>
  );
}

function optionsFor(
  room: HTMLElement,
  language: Language,
  format: (value: number) => string,
  colour: string,
  isBytes: boolean,
): uPlot.Options {
  const line = colourOf(room, colour);
  const ink = colourOf(room, '--ink-soft');
  const grid = colourOf(room, '--line');
  const font = `12px ${getComputedStyle(room).fontFamily}`;
  const clock = new Intl.DateTimeFormat(localeOf(language), { hour: '2-digit', minute: '2-digit' });
  const axis = { stroke: ink, font, ticks: { show: false } } as const;
  return {
    width: room.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.15 : 1] } },
    series: [
      {},
      { stroke: line, width: 1.75, fill: `color-mix(in srgb, ${line} 12%, transparent)`, points: { show: false } },
    ],
    axes: [
      {
        ...axis,
        size: 26,
        space: 64,
        grid: { show: false },
        values: (_plot, splits) => splits.map((split) => clock.format(split * 1000)),
      },
      {
        ...axis,
        size: 62,
        space: 36,
        grid: { stroke: grid, width: 1 },
        ...(isBytes && { incrs: BYTE_STEPS }),
        values: (_plot, splits) => splits.map((split) => format(split)),
      },
    ],
  };
}

/** A custom property as the colour that it is at that place: a canvas knows no `light-dark()`. */
function colourOf(room: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  room.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
