import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { findChromium } from './setup/chromium.ts'

// What whoever runs the tests has set for a product of their own is none of the tests' business.
for (const name of Object.keys(process.env)) if (name.startsWith('RINGTRAIL_')) delete process.env[name]

const root = join(import.meta.dirname, '..')
/** They need a browser: where there is none they are left out, but never in CI. */
const inBrowser = ['bench/e2e/page.test.ts', 'bench/e2e/snippet.test.ts']
const leftOut = findChromium() === null && process.env.CI !== 'true' ? inBrowser : []
const notOurs = ['**/node_modules/**', '.runtime/**', 'data/**']
// Native addons: a fork can be ended without taking the others along.
const pool = 'forks'

/** Two groups, one after the other: the parts side by side, then the assembled system with the machine to itself. */
export default defineConfig({
  test: {
    root,
    globalSetup: [join(root, 'config/setup/testSetup.ts')],
    projects: [
      {
        test: {
          root,
          pool,
          name: 'parts',
          include: ['{core,config,gateway,workers,bench}/**/*.test.ts'],
          exclude: [...notOurs, 'bench/e2e/**'],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          root,
          pool,
          name: 'assembled',
          include: ['bench/e2e/**/*.test.ts'],
          exclude: [...notOurs, ...leftOut],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
