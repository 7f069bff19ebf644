import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { BreachPack } from '../../config/breach/pack.ts'
import { receiptSentences, verifyReceipt } from '../../config/receipts.ts'
import { type PublicKey, readPublicKeys } from '../../config/signing.ts'
import type { Approximate } from '../../core/breach.ts'
import type { DeletionCertificate } from '../../core/receipt.ts'
import { askAdmin, machineToken, makeKey } from '../e2e/adminWorld.ts'
import type { System } from '../system.ts'
import type { Truth } from './seeded.ts'

/** What the drill asks of the system, by its admin API, as the commands do. */

const lookEveryMs = 300

async function ask<Answer>(system: System, key: string, method: string, path: string, body?: object) {
  const { status, text } = await askAdmin(system, method, path, { key, body })
  if (status !== 200) throw new Error(`${method} ${path} was answered with ${status}: ${text}`)
  return JSON.parse(text) as Answer
}

type Packs = {
  readonly ready: boolean
  readonly controllers: readonly { readonly tenant: string; readonly pack: BreachPack }[]
}

/** The pack of a breach of everything in this time, for every controller. */
export async function packOf(system: System, fromMs: number, toMs: number): Promise<Packs['controllers']> {
  const key = machineToken(system)
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
  const opening = { nature: 'unauthorised-access', from, to }
  const { id } = await ask<{ id: string }>(system, key, 'POST', '/v1/breaches', opening)
  for (;;) {
    const packs = await ask<Packs>(system, key, 'POST', `/v1/breaches/${id}/pack`)
    if (packs.ready) return packs.controllers
    await wait(lookEveryMs)
  }
}

/** What a pack says beside the truth. */
export type Compared = { readonly what: string; readonly said: Approximate; readonly truth: number }

export const isWithin = ({ said, truth }: Compared) => Math.abs(said.count - truth) <= said.plusMinus

export function comparePack({ categories, subjects }: BreachPack, truth: Truth): Compared[] {
  const none = { count: 0, plusMinus: 0 }
  const records = Object.entries(truth.records).map(([kind, real]) => {
    const said = categories.find(category => category.kind === kind)?.records ?? none
    return { what: kind, said, truth: real }
  })
  return [
    ...records,
    { what: 'visitors', said: subjects.visitors, truth: truth.visitors },
    { what: 'callers', said: subjects.callers, truth: truth.callers },
  ]
}

export type Returned = {
  readonly request: string
  readonly directory: string
  readonly manifestSha256: string
  readonly records: number
}
type Returning = Returned & { readonly state: 'writing' | 'written' | 'failed' }

const tenantPath = '/v1/tenants/acme'

export const ownersKey = async (system: System) => (await makeKey(system, 'acme', 'owner')).key

export async function returnTenant(system: System, key: string): Promise<Returned> {
  const begun = await ask<Returning>(system, key, 'POST', `${tenantPath}/return`, { purpose: 'drill' })
  for (;;) {
    const returning = await ask<Returning>(system, key, 'GET', `${tenantPath}/return/${begun.request}`)
    if (returning.state === 'failed') throw new Error('the return package could not be written')
    if (returning.state === 'written') return returning
    await wait(lookEveryMs)
  }
}

/** Resolves when the certificate says that the store has reached this state. */
export async function certified(system: System, key: string, store: string): Promise<DeletionCertificate> {
  for (;;) {
    const certificate = await ask<DeletionCertificate>(system, key, 'GET', `${tenantPath}/certificate`)
    if (certificate.states.find(one => one.store === store)?.state === 'undecryptable') return certificate
    await wait(lookEveryMs)
  }
}

/** Resolves when the certificate says that neither a key nor a row was found afterwards. */
export async function lookedAt(system: System, key: string): Promise<void> {
  for (;;) {
    const { deleted } = await ask<DeletionCertificate>(system, key, 'GET', `${tenantPath}/certificate`)
    if (deleted['rows found afterwards'] === 0 && deleted['keys found afterwards'] === 0) return
    await wait(lookEveryMs)
  }
}

export async function endTenant(system: System, key: string, returned: string): Promise<void> {
  await ask(system, key, 'POST', `${tenantPath}/end`, { confirm: 'acme', returned, purpose: 'drill' })
}

/** With which packages, receipts and certificates are verified. */
export async function publicKeys(system: System, key: string): Promise<readonly PublicKey[]> {
  const { pem } = await ask<{ pem: string }>(system, key, 'GET', `${tenantPath}/audit/key`)
  return readPublicKeys(pem)
}

/** What a certificate says beside the truth and what was returned: troubles, and its sentences. */
export function checkCertificate(
  certificate: DeletionCertificate,
  { keys, returned, truth, subjectKeys, periodKeys }: Expected,
): { readonly troubles: string[]; readonly sentences: readonly string[] } {
  const { signature, trouble } = verifyReceipt(certificate, keys)
  const troubles = signature.kind === 'as-expected' ? [] : [`the signature is ${signature.kind}`]
  if (trouble !== null) troubles.push(trouble)
  const { records } = truth
  const expected = {
    ...{ events: truth.rows, sessions: records.session, calls: records.call },
    ...{ 'page views': records['page-view'], engagements: records.engagement },
    ...{ 'subject keys': subjectKeys, 'period keys': periodKeys },
    ...{ 'rows found afterwards': 0, 'keys found afterwards': 0 },
  }
  for (const [what, count] of Object.entries(expected)) {
    const said = certificate.deleted[what]
    if (said !== count) troubles.push(`${what}: the certificate says ${said}, the truth is ${count}`)
  }
  const manifest = readFileSync(join(returned.directory, 'manifest.json'))
  if (certificate.returned?.manifestSha256 !== createHash('sha256').update(manifest).digest('hex'))
    troubles.push('the certificate names another package than was returned')
  return { troubles, sentences: receiptSentences(certificate) }
}

export type Expected = {
  readonly keys: readonly PublicKey[]
  readonly returned: Returned
  readonly truth: Truth
  readonly subjectKeys: number
  readonly periodKeys: number
}
