import { defineConfig } from 'vitest/config';

const common = { testTimeout: 120_000, hookTimeout: 600_000, pool: 'forks', expect: { poll: { timeout: 10_000 } } } as const;

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from a default export
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'parts',
          include: ['{packages,bench}/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Each has the machine for itself: they measure, fill and kill.
        test: {
          ...common,
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/architecture/**', '**/node_modules/**'],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
