import { benchTenant, origin, settingsOf, siteKey } from '../system.ts'
import { carriers } from './calls.ts'
import { strictKey } from './visits.ts'

/** Two tenants: one with carriers of every kind, and one whose site wants a yes and lets no bots in. `pool`: of the first. */
export function listeningSettings(server: object = {}, pool: object = {}): object {
  const bench = { ...benchTenant('bench', siteKey, pool), carriers }
  const strict = {
    ...benchTenant('strict', strictKey, { numbers: ['+4571000001..+4571000100'] }),
    ...{ consent: 'required', sites: [{ key: strictKey, origins: [origin], bots: 'refuse' }] },
  }
  return settingsOf([bench, strict], {
    ...{ publicUrl: origin, trustedProxies: ['127.0.0.0/8'], logLevel: 'trace' },
    ...server,
  })
}
