import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isAbsolute, relative, resolve } from 'node:path'
import {
  isLoopback,
  isNatsUrl,
  parseListenAddress,
  parseNetwork,
  parsePublicUrl,
  type ListenAddress,
} from './addresses.ts'
import { parseDuration } from './durations.ts'
import { readEgress } from './egress.ts'
import type { Environment } from './layers.ts'
import type { Findings } from './problem.ts'
import type { Settings } from './schema.ts'
import { parseSize } from './sizes.ts'
import { readableText, Secret, secretsOf } from './secrets.ts'
import type { Config } from './types.ts'

const keyCharsMin = 32
const returnsKeptMsMin = 3_600_000
// Who takes consent back is in it, and nothing may lie on a disk of ours for longer than 8 days after that.
const returnsKeptMsMax = 7 * 86_400_000
const latenessMsMax = 7 * 86_400_000
/** Longer than the log keeps anything. */
const backupsKeptMsMin = 8 * 86_400_000
const signEveryMsMin = 1_000
const signEveryMsMax = 3_600_000
const nowhere: ListenAddress = { host: '127.0.0.1', port: 0 }

/** What belongs to the process and not to a tenant, read and checked. */
export function readServer(
  settings: Settings,
  env: Environment,
  findings: Findings,
): Omit<Config, 'kind' | 'file' | 'tenants' | 'warnings'> {
  const { partitions, demo, logLevel, disk } = settings
  const dataDir = resolve(settings.dataDir)
  if (!demo) warnOfKeysBesideData(settings, dataDir, env, findings)
  return {
    listen: readListen(settings, findings),
    publicUrl: readPublicUrl(settings, findings),
    trustedProxies: readProxies(settings, findings),
    tls: readTls(settings, findings),
    nats: readNats(settings, dataDir, findings),
    egress: readEgress(settings, findings),
    processor: settings.processor,
    disk,
    audit: readAudit(settings, findings),
    backups: readBackups(settings, findings),
    dataDir,
    dataDirIsRelative: !isAbsolute(settings.dataDir),
    returnsKeptMs: readReturnsKept(settings, findings),
    latenessMs: readLateness(settings, findings),
    partitions,
    threads: threadsOf(settings),
    demo,
    logLevel,
    rootKey: readKey('rootKeyFile', 'RINGTRAIL_ROOT_KEY', settings, env, findings),
    rootKeyCommand: readRootKeyCommand(settings, findings),
    keyDir: resolve(settings.keyDir ?? `${dataDir}/keys`),
    pepper: readKey('pepperFile', 'RINGTRAIL_PEPPER', settings, env, findings),
    monitorKey: readKey('monitorKeyFile', 'RINGTRAIL_MONITOR_KEY', settings, env, findings),
  }
}

/** A copy of a folder that has both opens itself, and brings back whom somebody erased since. */
function warnOfKeysBesideData(
  settings: Settings,
  dataDir: string,
  env: Environment,
  findings: Findings,
): void {
  const isWithin = (path: string) => !relative(dataDir, resolve(path)).startsWith('..')
  const { rootKeyFile, rootKeyCommand, pepperFile, keyDir } = settings
  const isElsewhere = env.RINGTRAIL_ROOT_KEY || rootKeyCommand !== null
  const kept = {
    'the root key': !isElsewhere && isWithin(rootKeyFile ?? `${dataDir}/root-key`),
    'the pepper': !env.RINGTRAIL_PEPPER && isWithin(pepperFile ?? `${dataDir}/pepper`),
    'the key store': isWithin(keyDir ?? `${dataDir}/keys`),
  }
  const within = Object.entries(kept).flatMap(([what, isThere]) => (isThere ? [what] : []))
  if (within.length === 0 || findings.about(['dataDir'])) return
  const says = `holds ${within.join(', ')} beside the data, so that a copy of it opens itself: set rootKeyFile, pepperFile and keyDir (docs/backup.md)`
  findings.warn(['dataDir'], says)
}

function readListen({ listen }: Settings, findings: Findings): Config['listen'] {
  const read = (name: 'public' | 'admin') => {
    const address = parseListenAddress(listen[name])
    const says = `has to be an address such as 127.0.0.1:8080, not ${JSON.stringify(listen[name])}`
    if (address === null) findings.report(['listen', name], says)
    return address ?? nowhere
  }
  const addresses = { public: read('public'), admin: read('admin') }
  if (addresses.admin.port !== 0 && listen.public === listen.admin) {
    findings.report(['listen', 'admin'], 'is the address of the public listener')
  }
  if (!isLoopback(addresses.admin)) {
    findings.warn(
      ['listen', 'admin'],
      'is reachable from other machines: only /livez, /readyz and, with monitorKeyFile, /metrics until keys exist',
    )
  }
  return addresses
}

function readPublicUrl({ publicUrl }: Settings, findings: Findings): string | null {
  if (publicUrl === null) return null
  const parsed = parsePublicUrl(publicUrl)
  if (parsed === null) {
    findings.report(
      ['publicUrl'],
      'has to be an address such as https://ring.acme.example, without user, query or fragment',
    )
  }
  return parsed
}

function readProxies({ trustedProxies }: Settings, findings: Findings): Config['trustedProxies'] {
  return trustedProxies.flatMap((text, index) => {
    const network = parseNetwork(text)
    const says = `has to be a network such as 10.0.0.0/8 or an address, not ${JSON.stringify(text)}`
    if (network === null) findings.report(['trustedProxies', index], says)
    if (network?.prefix === 0)
      findings.warn(['trustedProxies', index], 'trusts everybody to say whose address a request has')
    return network ?? []
  })
}

function readTls({ tls }: Settings, findings: Findings): Config['tls'] {
  if (tls === null) return null
  for (const name of ['certFile', 'keyFile'] as const) readableText(tls[name], ['tls', name], findings)
  return { certFile: resolve(tls.certFile), keyFile: resolve(tls.keyFile) }
}

function readNats({ nats }: Settings, dataDir: string, findings: Findings): Config['nats'] {
  if (nats.url !== null && !isNatsUrl(nats.url)) {
    findings.report(
      ['nats', 'url'],
      'has to be an address such as nats://127.0.0.1:4222; several have commas between',
    )
  }
  if (nats.url !== null && nats.storeDir !== null) {
    findings.warn(['nats', 'storeDir'], 'has no effect: nats.url names a server that runs elsewhere')
  }
  const logBytes = parseSize(nats.logSize)
  if (logBytes === null) findings.report(['nats', 'logSize'], 'has to be a size such as 4GiB')
  const { url, durability } = nats
  return { url, durability, storeDir: resolve(nats.storeDir ?? `${dataDir}/nats`), logBytes: logBytes ?? 0 }
}

function readLateness({ lateness }: Settings, findings: Findings): number {
  const latenessMs = parseDuration(lateness)
  if (latenessMs === null || latenessMs === 0 || latenessMs > latenessMsMax) {
    findings.report(['lateness'], 'has to be a duration such as 24h, longer than nothing and at most 7d')
  }
  return latenessMs ?? 0
}

function readReturnsKept({ returnsKept }: Settings, findings: Findings): number {
  const keptMs = parseDuration(returnsKept)
  if (keptMs === null || keptMs < returnsKeptMsMin || keptMs > returnsKeptMsMax)
    findings.report(['returnsKept'], 'has to be a duration such as 7d, at least 1h and at most 7d')
  return keptMs ?? 0
}

function readBackups({ backups }: Settings, findings: Findings): Config['backups'] {
  const keptMs = parseDuration(backups.keptFor)
  if (keptMs === null || keptMs < backupsKeptMsMin)
    findings.report(['backups', 'keptFor'], 'has to be a duration such as 90d, at least 8d')
  return { keptMs: keptMs ?? 0 }
}

function readAudit({ audit }: Settings, findings: Findings): Config['audit'] {
  const { anchorFile, anchorCommand } = audit
  const signEveryMs = parseDuration(audit.signEvery)
  if (signEveryMs === null || signEveryMs < signEveryMsMin || signEveryMs > signEveryMsMax)
    findings.report(['audit', 'signEvery'], 'has to be a duration such as 1m, at least 1s and at most 1h')
  return {
    signEveryMs: signEveryMs ?? 0,
    anchorFile: anchorFile === null ? null : resolve(anchorFile),
    anchorCommand,
  }
}

function threadsOf({ threads, partitions }: Settings): number {
  const wanted = threads === 'auto' ? Math.max(1, availableParallelism() - 1) : threads
  return Math.min(wanted, partitions)
}

function readRootKeyCommand({ rootKeyCommand, rootKeyFile }: Settings, findings: Findings) {
  if (rootKeyCommand !== null && rootKeyFile !== null)
    findings.report(['rootKeyCommand'], 'is given beside rootKeyFile: one of them')
  return rootKeyCommand
}

function readKey(
  name: 'rootKeyFile' | 'pepperFile' | 'monitorKeyFile',
  variable: string,
  settings: Settings,
  env: Environment,
  findings: Findings,
): Secret | null {
  const setting = { path: [name], written: null, filePath: [name], file: settings[name], variable }
  const secrets = secretsOf(setting, env, findings)
  const { file } = setting
  const isGuarded =
    name === 'monitorKeyFile' || file === null || findings.about([name]) || !isEverybodys(file)
  if (!isGuarded) findings.warn([name], 'names a file that everybody on this machine can read: chmod 600')
  const [key] = secrets
  if (key && (secrets.length > 1 || key.reveal().length < keyCharsMin)) {
    findings.report([name], `has to name a file of one line, at least ${keyCharsMin} characters long`)
  }
  return key ?? null
}

/** A group may be the one that it runs as; others never are. */
function isEverybodys(file: string): boolean {
  return (statSync(file).mode & 0o007) !== 0
}
