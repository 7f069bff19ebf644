import { csvTable } from '../../config/csv.ts'
import { reviewFlags, type ReviewedKey, reviewKey } from '../../core/accessReview.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import type { Asked } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import type { Answer } from '../uws.ts'
import { isoOrNull } from './keyShapes.ts'

const localToken =
  'Besides, whoever may read admin.token in the data directory of a gateway has the role machine on that gateway, until its next start.'

/**
 * `GET …/access-review`: who has which scopes, since when and until when, used when, and what to look at. A tenant's list
 * holds the processor's keys too, because they reach its data. JSON, or with `?as=csv` or `?as=text` for a file or an e-mail.
 */
export async function reviewAccess(desk: AdminDesk, asked: Asked): Promise<Answer> {
  const form = asked.query.get('as') ?? 'json'
  if (form !== 'json' && form !== 'csv' && form !== 'text')
    return refusal('not-valid', 'as has to be json, csv or text.')
  const tenant = asked.tenant?.id ?? null
  const now = desk.clock()
  const lists = await Promise.all((tenant === null ? [null] : [tenant, null]).map(one => desk.keys.list(one)))
  const keys = lists
    .flat()
    .map(one => reviewKey(one, now))
    .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
  const flagged = keys.filter(({ flags }) => flags.length > 0).length
  const counts = { keys: keys.length, flagged }
  const problem = await asked.note({ action: 'access-listed', counts, detail: { report: 'access-review' } })
  if (problem !== null) return refusal(problem)
  if (form === 'csv') return textAnswer('text/csv; charset=utf-8', csvOf(keys))
  if (form === 'text') return textAnswer('text/plain; charset=utf-8', textOf(keys, tenant, now))
  return jsonAnswer(200, {
    at: isoOrNull(now),
    tenant,
    flags: reviewFlags,
    keys: keys.map(inWords),
    localToken,
  })
}

/** What can be used first, the tenant's before the processor's, the oldest first. */
function orderOf({ standing, of, madeAt, id }: ReviewedKey): string {
  return `${standing === 'active' ? 0 : 1} ${of === 'tenant' ? 0 : 1} ${String(madeAt).padStart(15, '0')} ${id}`
}

function inWords(key: ReviewedKey) {
  const { madeAt, rotatedAt, expiresAt, revokedAt, lastUsedAt } = key
  return {
    ...key,
    madeAt: isoOrNull(madeAt),
    rotatedAt: isoOrNull(rotatedAt),
    expiresAt: isoOrNull(expiresAt),
    revokedAt: isoOrNull(revokedAt),
    lastUsedAt: isoOrNull(lastUsedAt),
  }
}

function csvOf(keys: readonly ReviewedKey[]): string {
  const rows = keys.map(key => {
    const { scopes, scopesUsed, flags, ...rest } = inWords(key)
    return { ...rest, scopes: scopes.join(' '), scopesUsed: scopesUsed.join(' '), flags: flags.join(' ') }
  })
  const columns = [
    ...['of', 'id', 'name', 'role', 'standing', 'madeAt', 'madeBy', 'rotatedAt', 'expiresAt', 'revokedAt'],
    ...['lastUsedAt', 'flags', 'narrowerRole', 'scopes', 'scopesUsed'],
  ]
  return csvTable(columns, rows)
}

/** A few lines for each key, as one reads them aloud in a review. */
function textOf(keys: readonly ReviewedKey[], tenant: string | null, now: number): string {
  const head = `Access to ${tenant === null ? 'all tenants (keys of the processor)' : `tenant ${tenant}`}, ${isoOrNull(now)}`
  const blocks = keys.map(key => {
    const { id, name, role, of, standing, madeAt, madeBy, expiresAt, lastUsedAt, flags, narrowerRole } =
      inWords(key)
    const ends = expiresAt === null ? 'never ends' : `ends ${expiresAt}`
    return [
      `${name} (${id}): ${role} of the ${of}, ${standing}`,
      `  made ${madeAt} by ${madeBy}, ${ends}, ${lastUsedAt === null ? 'never used' : `last used ${lastUsedAt}`}`,
      `  may: ${key.scopes.join(', ')}`,
      ...flags.map(
        flag => `  look: ${reviewFlags[flag]}${flag === 'role-too-wide' ? ` (${narrowerRole})` : ''}`,
      ),
    ].join('\n')
  })
  return `${[head, ...blocks, localToken].join('\n\n')}\n`
}

function textAnswer(type: string, body: string): Answer {
  return {
    status: 200,
    headers: [
      ['content-type', type],
      ['cache-control', 'no-store'],
    ],
    body,
  }
}
