/** What a long undertaking says of itself while it goes on. */
export interface StepEvent {
  /** Stable name of the step, for example `images`. */
  readonly step: string;
  readonly title: string;
  readonly state: 'started' | 'working' | 'done' | 'failed';
  /** Since the step began. */
  readonly seconds: number;
  /** What it does now, or what came of it. */
  readonly detail?: string;
}

export type Progress = (event: StepEvent) => void;

/** Says what is being done now, while a step works. */
export type Detail = (detail: string) => void;

/**
 * Does one step of an undertaking and reports it. `work` gives back what it made, and may say in words what came of it
 * by `conclude`.
 */
export async function step<T>(
  progress: Progress,
  name: { readonly step: string; readonly title: string },
  work: (detail: Detail, conclude: Detail) => Promise<T>,
): Promise<T> {
  const from = performance.now();
  const seconds = () => (performance.now() - from) / 1000;
  let conclusion: string | undefined;
  const report = (state: StepEvent['state'], detail?: string) =>
    progress({ ...name, state, seconds: seconds(), ...(detail === undefined ? {} : { detail }) });
  report('started');
  try {
    const made = await work(
      (detail) => report('working', detail),
      (detail) => {
        conclusion = detail;
      },
    );
    report('done', conclusion);
    return made;
  } catch (error) {
    report('failed', error instanceof Error ? error.message : String(error));
    throw error;
  }
}
