import type { Progress, StepEvent } from './progress.ts';

/** Where progress is shown; a terminal's width is its columns. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export interface Reporter {
  readonly progress: Progress;
  /** A line of its own between steps. */
  say(text: string): void;
  /** Leaves the screen in order; nothing may be shown afterwards. */
  close(): void;
}

/** Shows steps as they end, and on a terminal the one that is going on, with its time. */
export function makeReporter(screen: Screen): Reporter {
  return screen.isTTY === true ? terminalReporter(screen) : plainReporter(screen);
}

/** The line of a step that ended. Pure. */
export function endedLine(event: StepEvent): string {
  const mark = event.state === 'failed' ? '✗' : '✓';
  const detail = event.detail === undefined || event.state === 'failed' ? '' : `  ${event.detail}`;
  return `${mark} ${event.title}${event.state === 'failed' ? ' failed' : ''} (${duration(event.seconds)})${detail}`;
}

/** Seconds as people write them. Pure. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function plainReporter(screen: Screen): Reporter {
  return {
    progress(event) {
      if (event.state === 'done' || event.state === 'failed') screen.write(`${endedLine(event)}\n`);
    },
    say: (text) => screen.write(`${text}\n`),
    close: () => undefined,
  };
}

function terminalReporter(screen: Screen): Reporter {
  /** Steps that are going on, each with when it began; the last one is shown. */
  const open = new Map<string, { event: StepEvent; from: number }>();
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;

  const draw = () => {
    const shown = [...open.values()].at(-1);
    if (shown === undefined) return;
    frame += 1;
    const seconds = (performance.now() - shown.from) / 1000;
    const others = open.size > 1 ? ` (+${open.size - 1})` : '';
    const detail = shown.event.detail === undefined ? '' : `  ${shown.event.detail}`;
    const line = `${SPINNER[frame % SPINNER.length]} ${shown.event.title}${others} ${duration(seconds)}${detail}`;
    screen.write(CLEAR_LINE + clip(line, (screen.columns ?? 80) - 1));
  };
  const line = (text: string) => screen.write(`${CLEAR_LINE}${text}\n`);

  return {
    progress(event) {
      if (event.state === 'done' || event.state === 'failed') {
        open.delete(event.step);
        line(endedLine(event));
      } else {
        const from = open.get(event.step)?.from ?? performance.now();
        open.set(event.step, { event, from });
      }
      if (open.size > 0 && timer === undefined) timer = setInterval(draw, REDRAW_MS).unref();
      if (open.size === 0 && timer !== undefined) {
        clearInterval(timer);
        timer = undefined;
      }
      draw();
    },
    say: line,
    close() {
      clearInterval(timer);
      if (open.size > 0) screen.write(CLEAR_LINE);
      open.clear();
    },
  };
}

/** At most that many characters; control characters of tools' output do not reach the terminal. */
function clip(text: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  const plain = text.replace(/[\u0000-\u001f\u007f]/g, ' ');
  return plain.length <= width ? plain : `${plain.slice(0, Math.max(0, width - 1))}…`;
}
