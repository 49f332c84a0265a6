import type { Benchmark } from './benchmark.ts';
import { create } from './benchmarks/create.ts';
import { enter } from './benchmarks/enter.ts';
import { httpPhp, httpStatic } from './benchmarks/http.ts';
import { memory } from './benchmarks/memory.ts';
import { pipe } from './benchmarks/pipe.ts';
import { wake } from './benchmarks/wake.ts';

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [httpPhp, httpStatic, pipe, wake, create, enter, memory];
