import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ErasureReceipt } from '../../core/receipt.ts'
import { openStore } from '../../workers/store.ts'
import { askAdmin, inShort, makeKey, type Run, startWith, visitAndCall } from './adminWorld.ts'
import { until } from './badInputsClient.ts'

// Somebody is erased while a package of everything lies there in the clear.

let run: Run
let owner: string
const [anna, ben] = ['a'.repeat(22), 'b'.repeat(22)] as [string, string]
beforeAll(async () => {
  run = await startWith(['acme'], { partitions: 1 })
  owner = (await makeKey(run.system, 'acme', 'owner')).key
  await visitAndCall(run.system, 'acme', 'of-anna', anna)
  await visitAndCall(run.system, 'acme', 'of-ben', ben)
})
afterAll(() => run?.end())

const ask = async (method: 'GET' | 'POST', what: string, body?: object) => {
  const answer = await askAdmin(run.system, method, `/v1/tenants/acme/${what}`, { key: owner, body })
  return { short: inShort(answer), value: JSON.parse(answer.text) as Record<string, unknown> }
}

async function written(): Promise<{ request: string; directory: string; text: string }> {
  const request = String((await ask('POST', 'return')).value.request)
  const { value } = await until(
    () => ask('GET', `return/${request}`),
    done => done.value.state === 'written',
  )
  const directory = String(value.directory)
  const text = readdirSync(directory).map(name => readFileSync(join(directory, name), 'utf8'))
  return { request, directory, text: text.join() }
}

let removed: string
test('the package goes at once, and one that is made afterwards stays and has nothing of the person', async () => {
  const before = await written()
  expect([before.text.includes(anna), before.text.includes(ben)]).toEqual([true, true])
  removed = before.request
  const erased = await ask('POST', 'subjects/erase', { subjects: [`v:${anna}`], purpose: 'case 1' })
  expect(erased.short).toBe('200')
  const after = await written()
  await until(
    () => ask('GET', `return/${before.request}`),
    ({ value }) => value.state === 'removed',
  )
  expect(existsSync(before.directory)).toBe(false)
  const stores = async () => {
    const { value } = await ask('GET', `erasures/${String(erased.value.request)}`)
    return (value as ErasureReceipt).states.map(({ store, state }) => `${store} ${state}`)
  }
  expect(await until(stores, said => said.includes('returns bytes-gone'))).not.toContain('index bytes-gone')
  expect([after.text.includes(anna), after.text.includes(ben)]).toEqual([false, true])
  expect(existsSync(after.directory)).toBe(true)
})

test('its record says why', async () => {
  await run.system.stop()
  const store = openStore(run.system.dataDir, 0)
  const records = store.audit('acme', 0, 100).filter(({ action }) => action === 'return-removed')
  expect(records.map(({ request, detail }) => [request, detail.because])).toEqual([[removed, 'erasure']])
  await store.close()
})
