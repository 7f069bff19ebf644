import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bearer, origin, siteKey, startSystem, temporaryFolder } from '../system.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/public-face.md'), 'utf8')
const examples = (kind: string) =>
  [...text.matchAll(/```json (\w+)\n(.*?)```/gs)]
    .filter(found => found[1] === kind)
    .map(found => JSON.parse(found[2] as string) as Record<string, unknown>)

test('the examples of docs/public-face.md are taken by a running system', async () => {
  const folder = temporaryFolder()
  const system = await startSystem({ dataDir: join(folder.path, 'data') })
  try {
    const base = `http://127.0.0.1:${system.publicPort}`
    const post = async (path: string, headers: Record<string, string>, body: unknown) => {
      const asked = { method: 'POST', headers, body: JSON.stringify(body) }
      return (await fetch(`${base}${path}`, asked)).json()
    }
    const json = { 'content-type': 'application/json' }
    const frames = (await post(`/v1/visit?site=${siteKey}`, { ...json, origin }, examples('client'))) as {
      type: string
      session?: string
      numbers?: { e164: string }[]
    }[]
    const [welcome] = frames
    expect(frames.map(frame => frame.type)).toEqual(['welcome', 'ack', 'ack'])
    const authorized = { ...json, authorization: `Bearer ${bearer}` }
    expect(examples('signal').map(({ state }) => state)).toEqual(['ring', 'answer', 'end'])
    for (const example of examples('signal')) {
      const signal = { ...example, b: welcome?.numbers?.[0]?.e164 }
      const answer = await post('/v1/calls/generic/bench', authorized, signal)
      expect(answer).toMatchObject({
        match: { kind: 'exact', session: welcome?.session },
        forward: '+4578792222',
      })
      expect(Object.keys(answer as object)).toEqual(Object.keys(examples('answer')[0] as object))
    }
  } finally {
    await system.stop()
    folder.remove()
  }
})
