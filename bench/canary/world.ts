import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadRootKey } from '../../config/rootKey.ts'
import { Secret } from '../../config/secrets.ts'
import { createPseudonyms, loadPepper, type Pseudonyms } from '../../gateway/pseudonyms.ts'
import { askAdmin, type GivenKey, makeKey } from '../e2e/adminWorld.ts'
import { until } from '../e2e/badInputsClient.ts'
import { benchTenant, settingsOf, startSystem, type System, temporaryFolder } from '../system.ts'
import type { PhoneNumber } from '../../core/words.ts'
import { site } from './occasions.ts'

/** A system of which every file is in one folder, started and killed again and again. */
export const tenant = 'acme'
const path = `/v1/tenants/${tenant}`

export type World = Awaited<ReturnType<typeof openWorld>>

export async function openWorld() {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder.path, name)
  for (const name of ['output', 'secrets']) mkdirSync(at(name))
  const rootKeyText = randomBytes(32).toString('hex')
  writeFileSync(at('secrets/root-key'), rootKeyText, { mode: 0o600 })
  const rootKey = loadRootKey({ rootKey: new Secret(rootKeyText), rootKeyCommand: null, dataDir: at('data') })
  const numbers = { numbers: ['+4570000001..+4570000100'] }
  const settings = settingsOf([benchTenant(tenant, site, numbers)], {
    ...{ partitions: 1, trustedProxies: ['127.0.0.0/8'], logLevel: 'trace' },
    ...{ keyDir: at('keys'), rootKeyFile: at('secrets/root-key') },
  })
  const life = { system: null as System | null, officer: null as GivenKey | null, starts: 0 }
  const system = () => {
    if (life.system === null) throw new Error('it does not run')
    return life.system
  }
  const kill = async () => {
    const ended = system()
    await ended.killTree()
    writeFileSync(at(`output/${life.starts}`), ended.output())
    life.system = null
  }
  const ask = async (method: 'GET' | 'POST', what: string, body?: object, whole = path + what) =>
    askAdmin(system(), method, whole, { key: life.officer?.key, body })
  return {
    at,
    rootKey,
    system,
    kill,
    ask,
    start: async () => {
      life.starts += 1
      life.system = await startSystem({ dataDir: at('data'), settings })
      life.officer ??= await makeKey(life.system, tenant, 'privacy-officer')
      return life.system
    },
    /** Whom a search names: a subject’s handle and how much there is of it. */
    find: async (body: object): Promise<readonly Found[]> =>
      (JSON.parse((await ask('POST', '/subjects/find', body)).text) as { subjects: Found[] }).subjects,
    /** All that is held of these subjects, opened, as text. */
    access: async (subjects: readonly string[]) =>
      (await ask('POST', '/subjects/access', { subjects, as: 'json' })).text,
    pseudonyms: () => createPseudonyms(loadPepper(at('data'))),
    backUp: () => cpSync(at('data'), at('backup'), { recursive: true }),
    /** Yesterday's data in the place of today's; keys are in no backup. */
    restore: () => {
      rmSync(at('data'), { recursive: true })
      renameSync(at('backup'), at('data'))
    },
    dropStores: () => rmSync(at('data/partitions'), { recursive: true }),
    end: async () => {
      await life.system?.killTree()
      folder.remove()
    },
    path: folder.path,
  }
}

export type Found = { readonly subject: string; readonly events: number; readonly calls: number }

export type State = { readonly store: string; readonly state: string; readonly at: string | null }
export type Receipt = { readonly requestedAt: string; readonly states: readonly State[] }

/** The receipt of an erasure when it has come so far. */
export async function receiptWhen(
  world: World,
  request: string,
  is: (states: ReadonlyMap<string, string>) => boolean,
): Promise<Receipt> {
  const receipt = async () => JSON.parse((await world.ask('GET', `/erasures/${request}`)).text) as Receipt
  return until(receipt, ({ states }) => is(new Map(states.map(one => [one.store, one.state]))), 60_000)
}

export const callerOf = (pseudonyms: Pseudonyms, number: string) =>
  `c:${pseudonyms.pseudonym(tenant, number as PhoneNumber)}`
