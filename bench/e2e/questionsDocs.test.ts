import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Check } from 'typebox/value'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminRoutes } from '../../gateway/adminRoutes.ts'
import { paramsOf } from '../../gateway/adminRoute.ts'
import { askAdmin, makeKey, openFeed, type Run, startWith, visitAndCall } from './adminWorld.ts'
import { until } from './badInputsClient.ts'

/** Every command of docs/questions.md, asked of a running system, and answered in the shape that is documented. */
const text = readFileSync(join(import.meta.dirname, '../../docs/questions.md'), 'utf8')
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, block = '']) =>
    block.trim(),
  )
const commands = blocks('sh').flatMap(block => block.split('\n'))

let run: Run
let key: string
const places: Record<string, string> = { CALL: 'acme-1', B: '+4570000001' }

beforeAll(async () => {
  run = await startWith(['acme'])
  const { session } = await visitAndCall(run.system, 'acme', 'acme-1', 'A'.repeat(22))
  places.SESSION = session
  key = (await makeKey(run.system, 'acme', 'call-centre')).key
  await until(
    async () => (await askAdmin(run.system, 'GET', '/v1/tenants/acme/calls', { key })).text,
    found => found.includes('acme-1'),
  )
})
afterAll(() => run?.end())

const filled = (written: string) =>
  written.replaceAll(/\$(CALL|B|SESSION)/g, (_, name: string) => places[name] ?? '')

test.each(commands)('%s', async command => {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, one, other, bare]) => one ?? other ?? bare ?? '',
  )
  const after = (flag: string) => words.flatMap((word, at) => (words[at - 1] === flag ? [word] : []))
  const [body] = after('-d')
  const accept = after('-H')
    .find(header => header.startsWith('Accept: '))
    ?.slice(8)
  const address = filled(words.at(-1)?.replace('$ADMIN', `http://127.0.0.1:${run.system.adminPort}`) ?? '')
  const response = await fetch(address.replace('+', '%2B'), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, ...(accept === undefined ? {} : { accept }) },
    ...(body === undefined ? {} : { body: filled(body) }),
  })
  const answer = await response.text()
  expect(response.status, answer).toBe(200)
  const route = adminRoutes.find(
    ({ path, method }) =>
      method === (body === undefined ? 'GET' : 'POST') && paramsOf(path, new URL(address).pathname) !== null,
  )
  if (accept !== undefined) {
    expect(route?.otherForms).toContain(accept)
    return expect(response.headers.get('content-type')).toContain(accept)
  }
  expect(Check(route?.answer ?? {}, JSON.parse(answer)), answer).toBe(true)
})

test('the feed is opened as it is written', async () => {
  const [line = ''] = blocks('text')
  const query = line.slice(line.indexOf('?'))
  const { socket } = await openFeed(run.system, key, query)
  socket.close()
})
