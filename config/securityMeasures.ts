import { isLoopback } from './addresses.ts'
import { logServers } from './egress.ts'
import type { Config } from './types.ts'

/** A technical or organisational measure (Article 32), and whether it is in force with this configuration. */
export type SecurityMeasure = {
  readonly measure: string
  readonly state: 'in force' | 'not in force' | 'outside of the software'
  readonly says: string
}

/** What this configuration amounts to. Organisational measures are named with who has to describe them. */
export function securityMeasures(config: Config): readonly SecurityMeasure[] {
  return [
    ...ofNumbers(config),
    ...ofTransport(config),
    ...ofPlaces(config),
    ...ofAnyConfiguration,
    ...outside,
  ]
}

function ofNumbers({ pepper, rootKey }: Config): readonly SecurityMeasure[] {
  const apart = pepper !== null && rootKey !== null
  return [
    {
      measure: 'pseudonymisation of phone numbers',
      state: 'in force',
      says: 'the core and the index know a keyed hash alone',
    },
    {
      measure: 'keys apart from data',
      state: apart ? 'outside of the software' : 'not in force',
      says: apart
        ? 'root key and pepper are given by file or environment: whether these lie off the data disk, it does not check'
        : 'the root key or the pepper was made at the first start and lies in the data directory',
    },
    {
      measure: 'encryption of the personal part of every entry',
      state: 'in force',
      says: 'AES-256-GCM from the gateway on, under a key of the person and one of the time together; ids, times and pseudonyms are clear: encrypt the disk',
    },
  ]
}

function ofTransport(config: Config): readonly SecurityMeasure[] {
  const local = isLoopback(config.listen.admin)
  return [
    { measure: 'encryption between browsers, carriers and the gateway', ...publicTransport(config) },
    { measure: 'encryption between the parts of the system', ...innerTransport(config) },
    {
      measure: 'what operators use is not reachable from elsewhere',
      state: local ? 'in force' : 'not in force',
      says: local
        ? 'the admin listener is on loopback'
        : 'the admin listener is reachable from other machines; without keys it serves monitors alone',
    },
  ]
}

type Standing = Pick<SecurityMeasure, 'state' | 'says'>

function publicTransport({ tls, publicUrl }: Config): Standing {
  if (tls !== null) return { state: 'in force', says: 'TLS on the public listener' }
  if (publicUrl?.startsWith('https:'))
    return { state: 'outside of the software', says: 'publicUrl says https: a proxy before it has to do TLS' }
  return { state: 'not in force', says: 'neither tls nor an https publicUrl is configured' }
}

function innerTransport(config: Config): Standing {
  const remote = logServers(config).filter(({ host }) => !isLoopback({ host, port: 0 }))
  if (remote.length === 0) return { state: 'in force', says: 'the log is on this machine' }
  const encrypted = config.nats.url?.split(',').some(one => one.trim().startsWith('tls:')) ?? false
  return encrypted
    ? { state: 'in force', says: 'nats.url asks for TLS' }
    : { state: 'not in force', says: 'nats.url does not ask for TLS' }
}

function ofPlaces({ egress, nats }: Config): readonly SecurityMeasure[] {
  const durable = nats.durability === 'durable'
  return [
    {
      measure: 'connections only to declared peers in allowed places',
      state: egress.declared ? 'in force' : 'not in force',
      says: egress.declared
        ? 'everything else is refused before it is looked up'
        : 'the configuration has no egress section',
    },
    {
      measure: 'what was acknowledged survives a failure',
      state: durable ? 'in force' : 'not in force',
      says: durable
        ? 'a power cut included (nats.durability: durable)'
        : 'the end of a process only (nats.durability: lazy)',
    },
  ]
}

const ofAnyConfiguration: readonly SecurityMeasure[] = [
  {
    measure: 'nothing personal in logs, metrics, error texts and addresses',
    state: 'in force',
    says: 'a test listens to everything that the whole system says',
  },
  {
    measure: 'data can no longer be read when its time is over',
    state: 'in force',
    says: 'by the retention of each controller: the keys of its time are destroyed, and the events leave the store',
  },
  {
    measure: 'access by role, each key hashed, expiring, reviewed',
    state: 'in force',
    says: 'reading, changing and erasing a person’s data needs a key with that scope: docs/access.md',
  },
  {
    measure: 'what is done to personal data is recorded, and the record cannot be changed unseen',
    state: 'in force',
    says: 'a chain of records for each controller with signed heads, written before the effect: docs/audit.md',
  },
  {
    measure: 'regular testing',
    state: 'in force',
    says: 'each version is tested with kills, restarts, bad inputs and a network that counts what leaves; run a restore yourself',
  },
]

const outside: readonly SecurityMeasure[] = [
  'access to the machine and the review of who has it',
  'confidentiality agreements and training of the people who run it',
  'encryption of the disk',
  'backups and the regular test of restoring them',
  'physical security of the place',
].map(measure => ({
  measure,
  state: 'outside of the software',
  says: 'to be described by whoever runs Ringtrail',
}))
