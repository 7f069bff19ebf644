import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Probed, probeGreeting, watchMute } from './muteWatch.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('five silent probes one after the other are a mute server; a greeting or a refusal between starts anew', async () => {
  const answers: Probed[] = []
  let mutes = 0
  const watch = watchMute(
    async () => answers.shift() ?? 'greeted',
    () => {
      mutes += 1
    },
  )
  const after = async (...probed: Probed[]) => {
    answers.push(...probed)
    await vi.advanceTimersByTimeAsync(probed.length * 1_000)
    return mutes
  }
  expect(await after('silent', 'silent', 'silent', 'silent', 'greeted')).toBe(0)
  expect(await after('silent', 'silent', 'silent', 'silent', 'refused')).toBe(0)
  expect(await after('silent', 'silent', 'silent', 'silent', 'silent')).toBe(1)
  expect(await after('silent', 'silent', 'silent', 'silent')).toBe(1)
  expect(await after('silent')).toBe(2)
  watch.stop()
  expect(await after('silent', 'silent', 'silent', 'silent', 'silent')).toBe(2)
})

test('who greets is greeted, who says nothing is silent, who is not there refuses', async () => {
  const listening = async (greeting: string) => {
    const server = createServer(socket => {
      socket.on('error', () => undefined)
      if (greeting !== '') socket.write(greeting)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return { server, port: (server.address() as AddressInfo).port }
  }
  const polite = await listening('INFO {}\r\n')
  const dumb = await listening('')
  expect(await probeGreeting(polite.port)).toBe('greeted')
  expect(await probeGreeting(dumb.port)).toBe('silent')
  for (const { server } of [polite, dumb]) await new Promise(resolve => server.close(resolve))
  expect(await probeGreeting(polite.port)).toBe('refused')
})
