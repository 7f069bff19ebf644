import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { projectFolder } from './sourceFiles.ts'

// The real .ci/run, in a folder of its own, with an npm that only says how its tests went.

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-ci-'))
  mkdirSync(join(folder, '.ci'))
  mkdirSync(join(folder, 'bin'))
  copyFileSync(join(projectFolder, '.ci/run'), join(folder, '.ci/run'))
  for (const name of ['bash', 'dirname', 'mktemp', 'rm', 'timeout', 'sleep', 'cat'])
    symlinkSync(`/usr/bin/${name}`, join(folder, 'bin', name))
  symlinkSync(process.execPath, join(folder, 'bin/node'))
  program('chromium', '')
})
afterEach(() => rmSync(folder, { recursive: true }))

function program(name: string, script: string): void {
  const file = join(folder, 'bin', name)
  writeFileSync(file, `#!/usr/bin/bash\n${script}\n`)
  chmodSync(file, 0o755)
}

/** How `npm test` ends, and what it leaves in the file that it was told. */
type Ended = { readonly status: number; readonly report: string | null }

function ciSays({ status, report }: Ended, env: Record<string, string> = {}) {
  writeFileSync(join(folder, 'report'), report ?? '')
  const leave = report === null ? '' : `cat report >"\${!##*=}"`
  program('npm', `[ "$1" = test ] || exit 0\n${leave}\nexit ${status}`)
  const { status: exit, stdout } = spawnSync('/usr/bin/bash', [join(folder, '.ci/run')], {
    cwd: folder,
    env: { PATH: join(folder, 'bin'), ...env },
    encoding: 'utf8',
  })
  return { exit, last: stdout.trim().split('\n').at(-1) }
}

const report = (passed: number, failed: number, testResults: unknown[] = []) =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: 1, testResults })

test('what passed is counted, and every step beside', () => {
  expect(ciSays({ status: 0, report: report(7, 0) })).toEqual({ exit: 0, last: '9 passed, 0 failed' })
})

test('it sets nothing that the product would take for a setting', () => {
  const names = (prefix: string) => `\${!${prefix}@}`
  program('npm', `echo "names: ${names('RINGTRAIL_')} and ${names('SIMULATED_')}"`)
  const { stdout } = spawnSync('/usr/bin/bash', [join(folder, '.ci/run')], {
    cwd: folder,
    env: { PATH: join(folder, 'bin') },
    encoding: 'utf8',
  })
  expect(stdout).toContain('names:  and SIMULATED_SEEDS')
  expect(stdout).not.toMatch(/names: RINGTRAIL/)
})

test.each([
  ['a test failed', { status: 1, report: report(6, 1) }, '8 passed, 1 failed'],
  ['a test failed and the status hid it', { status: 0, report: report(6, 1) }, '8 passed, 1 failed'],
  [
    'a file could not be read',
    { status: 1, report: report(6, 0, [{ status: 'failed', assertionResults: [] }]) },
    '8 passed, 1 failed',
  ],
  ['it failed although each test passed', { status: 1, report: report(7, 0) }, '9 passed, 1 failed'],
  ['the report ends in the middle', { status: 0, report: report(7, 0).slice(0, 20) }, '2 passed, 1 failed'],
  ['the report is of another form', { status: 0, report: '{"testResults":[]}' }, '2 passed, 1 failed'],
  ['there is no report', { status: 0, report: null }, '2 passed, 1 failed'],
  ['no test ran', { status: 0, report: report(0, 0) }, '2 passed, 1 failed'],
] satisfies [string, Ended, string][])('it is red when %s', (_, ended, last) => {
  expect(ciSays(ended)).toEqual({ exit: 1, last })
})

test('it is red when there is no node to read the report', () => {
  rmSync(join(folder, 'bin/node'))
  expect(ciSays({ status: 0, report: report(7, 0) })).toEqual({ exit: 1, last: '2 passed, 1 failed' })
})

test('it is red when the time is over before the tests', () => {
  const says = ciSays({ status: 0, report: report(7, 0) }, { CI_SECONDS: '0' })
  expect(says).toEqual({ exit: 1, last: '0 passed, 1 failed' })
})
