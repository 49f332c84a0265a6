import { visit } from '#platform/demo/web.ts';
import { type Benchmark, type Finding, type Series, value, type Workshop } from '../benchmark.ts';
import { measureInTurns } from '../measure/rounds.ts';

const GOAL = { text: '< 2000 ms', holds: (median: number) => median < 2000 };

export const create: Benchmark = {
  name: 'create',
  title: 'From the API call to a site that answers',
  run: async ({ stage, quick, patienceMs, signal }: Workshop, report): Promise<Finding> => {
    const create = async () => {
      const begun = performance.now();
      const { name } = await stage.newSite();
      const { status } = await visit(stage.endpoints.https, name, '/', { ca: await stage.siteAuthority() });
      if (status !== 200) throw new Error(`the new site answers ${status}`);
      return performance.now() - begun;
    };
    const name = 'POST /v1/sites, then the first page over https';
    const { samplesOf, disturbed } = await measureInTurns([{ name, measure: create }], {
      warmUp: 1,
      rounds: quick ? 3 : 10,
      report,
      patienceMs,
      settleMs: 300,
      signal,
    });
    const series: Series = { name, unit: 'ms', samples: samplesOf(name) };
    return {
      series: [series],
      comparisons: [value('until it answers', series, GOAL)],
      notes: [],
      disturbed,
    };
  },
};
