import { limits } from '../../core/limits.ts'
import { until } from '../e2e/badInputsClient.ts'
import { machineToken, makeKey } from '../e2e/adminWorld.ts'
import type { System } from '../system.ts'
import { asker, type Keys } from './adminTraffic.ts'
import { canaries } from './canaries.ts'
import { helloWithCanaries, type Traffic } from './visits.ts'

/** A person's requests from the first to the last, breaches, and the end of a contract, about canaries. */

const visitor = `v:${canaries.visitor}`
const tenant = '/v1/tenants/bench'
const stricter = '/v1/tenants/strict'

/** Finds, reads, takes away, puts right, restricts, erases. */
export async function rightsWithCanaries(system: System, traffic: Traffic, { officer }: Keys): Promise<void> {
  const ask = asker(system, traffic)
  const on = async (what: string, body: object) => {
    const { status, text } = await ask(`${tenant}/${what}`, { key: officer.key, body: JSON.stringify(body) })
    // Reports and packages, and several lines of JSON, are none.
    const isOne = status === 200 && text.startsWith('{') && !text.trimEnd().includes('\n')
    return isOne ? (JSON.parse(text) as Answered) : {}
  }
  const asked = [
    { phone: canaries.phone },
    { email: canaries.email },
    { visitor: canaries.visitor },
    { session: traffic.ids[0] },
  ]
  for (const body of [
    ...asked,
    { phone: canaries.name },
    { email: canaries.name },
    { visitor: canaries.name },
    { phone: '12', email: canaries.email },
  ])
    await on('subjects/find', body)
  // What was acknowledged is found when its commit is through.
  const { subjects = [] } = await until(
    () => on('subjects/find', { phone: canaries.phone }),
    found => (found.subjects?.length ?? 0) > 0,
  )
  const everybody = [...new Set([visitor, ...subjects.map(({ subject }) => subject)])]
  for (const as of ['html', 'text', 'json']) await on('subjects/access', { subjects: everybody, as })
  await on('subjects/export', { subjects: everybody, purpose: 'ticket 1' })
  for (const phone of [canaries.entered, canaries.name, null])
    await on('subjects/rectify', { carrier: 'generic', call: `${canaries.call}-calm`, phone })
  await on('subjects/rectify', { carrier: 'generic', call: canaries.call, phone: canaries.phone })
  await on('subjects/rectify', {
    subject: visitor,
    field: 'fields.mail',
    from: canaries.email,
    to: canaries.name,
  })
  for (const mode of ['restricted', 'objected', 'lifted'] as const) {
    await on('subjects/restrict', { subjects: everybody, mode })
    await helloWithCanaries(system, traffic)
  }
  const { request } = await on('subjects/erase', { subjects: everybody, purpose: 'ticket 2' })
  await ask(`${tenant}/erasures/${request}`, { method: 'GET', key: officer.key })
  await ask(`${tenant}/erasures/${encodeURIComponent(canaries.phone)}`, { method: 'GET', key: officer.key })
  await on('audit/subject', { subject: visitor })
  await on('audit/subject', { email: canaries.email })
}
type Answered = {
  readonly subjects?: readonly { readonly subject: string }[]
  readonly request?: string
  readonly id?: string
}

/** As many packages as there may be and one more; what is said to be received is not what was written. */
async function returnsWithCanaries(ask: ReturnType<typeof asker>, key: string): Promise<void> {
  const begin = () => ask(`${stricter}/return`, { key, body: '{}' })
  const { request } = JSON.parse((await begin()).text) as Answered
  for (let more = 0; more < limits.returnsPerTenantMax; more += 1) await begin()
  const path = `${stricter}/return/${request}`
  const isWritten = async () => (await ask(path, { method: 'GET', key })).text.includes('"written"')
  await until(isWritten, written => written)
  await ask(`${path}/received`, { key, body: JSON.stringify({ manifestSha256: 'ab'.repeat(32) }) })
  await ask(`${stricter}/return/${canaries.visitor}`, { method: 'GET', key })
}

/** Breaches of a tenant and of the processor; a package, refusals to end, and the end of the stricter tenant. */
export async function contractWithCanaries(
  system: System,
  traffic: Traffic,
  { operator, officer }: Keys,
): Promise<void> {
  const ask = asker(system, traffic)
  const opened = { nature: 'unauthorised-access', from: '2020-01-01T00:00:00Z' }
  for (const [base, key] of [
    [tenant, officer.key],
    ['/v1', operator.key],
  ] as const) {
    const said = await ask(`${base}/breaches`, { key, body: JSON.stringify(opened) })
    const { id } = JSON.parse(said.text) as Answered
    for (const phase of [2, 1, 1])
      await ask(`${base}/breaches/${id}/phase`, { key, body: JSON.stringify({ phase }) })
    const isMade = async () =>
      (await ask(`${base}/breaches/${id}/pack`, { key })).text.includes('"ready":true')
    await until(isMade, made => made)
    await ask(`${base}/breaches/${canaries.call}/pack`, { key })
    for (const more of [{ reference: canaries.phone }, { partitions: [4_095] }])
      await ask(`${base}/breaches`, { key, body: JSON.stringify({ ...opened, ...more }) })
  }
  const key = machineToken(system)
  const strict = await makeKey(system, 'strict', 'privacy-officer')
  await returnsWithCanaries(ask, strict.key)
  const end = (body: object) => ask(`${stricter}/end`, { key, body: JSON.stringify(body) })
  await end({ confirm: canaries.name })
  await end({ confirm: 'strict', returned: canaries.visitor })
  await end({ confirm: 'strict', purpose: canaries.email })
  await end({ confirm: 'strict' })
  await ask(`${stricter}/certificate`, { method: 'GET', key })
}
