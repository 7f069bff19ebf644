import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const crash = new URL('./crash.ts', import.meta.url).href
/** Whatever else it asks of the system has to wait meanwhile, as on a busy machine. */
const busy = "require('node:crypto').pbkdf2('', '', 1_000_000, 64, 'sha512', () => undefined)"
const inThread = `import('${crash}').then(({ closeStoresBeforeDying }) => {
  closeStoresBeforeDying([], 'info')
  ${busy}
  setImmediate(() => { throw new Error('of +4520917364') })
})`
const inProcess = `new (require('node:worker_threads').Worker)(${JSON.stringify(inThread)}, { eval: true })`

test('a thread that has nothing to close says that it crashed before it is gone, and not what the error says', async () => {
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', inProcess], { env })
  expect(stdout.trim().split('\n')).toEqual([expect.stringContaining('"msg":"thread_crashed"')])
  expect(stdout + stderr).not.toContain('20917364')
})

const closing = `import('${crash}').then(({ closeStoresBeforeDying }) => {
  const close = () => new Promise(resolve => setTimeout(() => resolve(process.stdout.write('closed')), 100))
  const partition = { stopped: null, store: { close }, keys: { close } }
  closeStoresBeforeDying([{ partition }], 'silent')
  setImmediate(() => { throw new Error('first') })
  setTimeout(() => { throw new Error('second') }, 20)
})`

test('a second fault does not keep it from closing its stores', async () => {
  const process_ = `new (require('node:worker_threads').Worker)(${JSON.stringify(closing)}, { eval: true })`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', process_])
  expect(stdout).toContain('closed')
})
