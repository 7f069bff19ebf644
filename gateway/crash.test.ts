import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const crash = new URL('./crash.ts', import.meta.url).href
/** Whatever else it asks of the system has to wait meanwhile, as on a busy machine. */
const busy = "require('node:crypto').pbkdf2('', '', 1_000_000, 64, 'sha512', () => undefined)"
const crashing = `import('${crash}').then(({ endOnCrash }) => {
  endOnCrash('info')
  ${busy}
  setImmediate(() => { throw new Error('of +4520917364') })
})`

test('a process that a fault ends says so before it is gone, and not what the error says', () => {
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
  const { stdout, stderr, signal } = spawnSync(process.execPath, ['-e', crashing], { encoding: 'utf8', env })
  expect(signal).toBe('SIGKILL')
  expect(stdout.trim().split('\n')).toEqual([expect.stringContaining('"msg":"process_crashed"')])
  expect(stdout + stderr).not.toContain('20917364')
})
