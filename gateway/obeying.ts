import { namesOf } from '../core/subjectNames.ts'
import type { RightsSaid } from '../core/wire/control.ts'
import type { VisitorId } from '../core/words.ts'
import { type Context, sayAgain, startAfresh, unfollow, type VisitorSocket } from './greeting.ts'
import type { SealingKeys } from './sealingKeys.ts'
import { randomId } from './visit.ts'

/** What a change of somebody's rights does to the sockets of this gateway, and to the keys that it holds. */
export function createObeying(
  keys: Pick<SealingKeys, 'forget' | 'forgetTenant'>,
  context: Context,
): (said: RightsSaid) => void {
  return said => {
    const { tenant, mode } = said
    if (mode === 'erased') return erased(keys, context, said)
    if (mode === 'rekeyed') return forget(keys, said)
    if (mode === 'ended') return keys.forgetTenant(tenant)
    if (mode === 'lifted') return
    for (const visitor of said.visitors) {
      for (const socket of socketsOf(context, tenant, visitor)) {
        if (mode === 'withdrawn' && !isMeant(socket, visitor, said.site)) continue
        unfollow(context, socket, mode !== 'withdrawn')
      }
    }
  }
}

/**
 * The keys in use are, or will be, destroyed. Who is on the site goes on as somebody new: under another id, which the
 * page keeps instead of the one that was erased, the same for all of a visitor's pages here.
 */
function erased(keys: Pick<SealingKeys, 'forget'>, context: Context, said: RightsSaid): void {
  forget(keys, said)
  const { tenant, visitors } = said
  for (const visitor of visitors) {
    const fresh = randomId() as VisitorId
    for (const socket of socketsOf(context, tenant, visitor)) {
      startAfresh(context, socket, fresh)
      sayAgain(context, socket, socket.getUserData().visit.era)
    }
  }
}

function forget(keys: Pick<SealingKeys, 'forget'>, said: RightsSaid): void {
  for (const name of namesOf(said)) keys.forget(said.tenant, name)
}

/** Who said no on this socket knows; what it has said since counts. */
function isMeant(socket: VisitorSocket, visitor: string, site: string | undefined): boolean {
  const { visit } = socket.getUserData()
  return visit.site.key === site && visit.saidNoAs !== visitor
}

function socketsOf({ byVisitor }: Context, tenant: string, visitor: string): VisitorSocket[] {
  return byVisitor.of(visitor).filter(socket => socket.getUserData().visit.site.tenant.id === tenant)
}
