export interface Pairs {
  stop(): void;
}

export function makePairs(): Pairs {
  return { stop: () => undefined };
}
