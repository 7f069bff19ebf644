import type { ChannelRule } from '../core/channels.ts'
import type { CallPolicy, PoolPolicy, StaticPolicy, TargetPolicy, TenantPolicy } from '../core/policy.ts'
import type { PhoneNumber } from '../core/words.ts'
import type { ListenAddress, Network } from './addresses.ts'
import type { Egress } from './egress.ts'
import type { ConfigProblem } from './problem.ts'
import type { Settings } from './schema.ts'
import type { Secret } from './secrets.ts'
import type { TenantSettings } from './tenantSchema.ts'

/** The configuration as the process uses it: read, checked, complete and frozen all the way down. */
export type Config = {
  readonly kind: 'config'
  /** The file it was read from. */
  readonly file: string
  readonly listen: { readonly public: ListenAddress; readonly admin: ListenAddress }
  /** Without a trailing slash; carriers' signatures cover it. */
  readonly publicUrl: string | null
  readonly trustedProxies: readonly Network[]
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null
  readonly nats: {
    /** null: a local nats-server is started and supervised. May hold credentials: not for logs. */
    readonly url: string | null
    readonly durability: 'durable' | 'lazy'
    /** Absolute. */
    readonly storeDir: string
    readonly logBytes: number
  }
  /** Where connections may go. */
  readonly egress: Egress
  /** Who runs this, for the record of processing; null: not said. */
  readonly processor: Settings['processor']
  /** The used share of a disk from which on visits are refused. */
  readonly disk: { readonly stopAt: number }
  readonly audit: {
    readonly signEveryMs: number
    /** Absolute; null: no file. */
    readonly anchorFile: string | null
    /** A program and its arguments. Arguments may hold a secret: not for logs. */
    readonly anchorCommand: readonly string[] | null
  }
  /** How old a backup may be when it is put back. */
  readonly backups: { readonly keptMs: number }
  /** Absolute. */
  readonly dataDir: string
  /** It was written so: what it is depends on where the command runs. */
  readonly dataDirIsRelative: boolean
  /** For how long a return package lies on the worker's disk. */
  readonly returnsKeptMs: number
  readonly latenessMs: number
  readonly partitions: number
  readonly threads: number
  readonly demo: boolean
  readonly logLevel: Settings['logLevel']
  /** null: the process makes one at its first start and keeps it in the data directory. */
  readonly rootKey: Secret | null
  /** Prints the root key; null: it comes from elsewhere. */
  readonly rootKeyCommand: readonly string[] | null
  /** Absolute. Where the key store is: apart from the data wherever it is backed up. */
  readonly keyDir: string
  readonly pepper: Secret | null
  /** What monitors show; null: nobody has to on loopback, and nobody may elsewhere. */
  readonly monitorKey: Secret | null
  readonly tenants: readonly TenantConfig[]
  /** What works, but deserves a look; to be logged at start. */
  readonly warnings: readonly ConfigProblem[]
}

/** One tenant: the policy that travels (`tenantPolicy`), and what belongs to this machine or to the edge. */
export type TenantConfig = {
  readonly id: string
  /** Who it is, for the record of processing; null: not said. */
  readonly controller: TenantSettings['controller']
  readonly retentionMs: number
  /** Sealed fields that go earlier, by name; empty: none does. */
  readonly fieldRetentionMs: Readonly<Record<string, number>>
  /** The file's `lateness`, the same for every tenant. */
  readonly latenessMs: number
  readonly consent: 'required' | 'assumed'
  readonly gpc: NonNullable<TenantPolicy['gpc']>
  readonly tcf: NonNullable<TenantPolicy['tcf']> | null
  readonly onWithdrawal: NonNullable<TenantPolicy['onWithdrawal']>
  readonly channels: readonly ChannelRule[]
  readonly defaultForward: PhoneNumber | null
  readonly sites: readonly SiteConfig[]
  readonly targets: readonly TargetPolicy[]
  readonly pools: readonly PoolPolicy[]
  readonly statics: readonly StaticPolicy[]
  readonly calls: Required<CallPolicy>
  readonly carriers: CarrierSecrets
}

export type SiteConfig = {
  readonly key: string
  /** As browsers send them in `Origin`. */
  readonly origins: readonly string[]
  readonly bots: 'refuse' | 'allow'
  /** Hosts that send visitors back and are no source, with what lies below them. */
  readonly ignoreReferrers: readonly string[]
  /** Ids of the targets that its pages may show: all of the tenant's where the file names none. */
  readonly targets: readonly string[]
}

/** The secrets of the carriers that the tenant uses; null: the carrier is not configured. Any of several is good. */
export type CarrierSecrets = {
  readonly generic: { readonly secrets: readonly Secret[]; readonly bearers: readonly Secret[] } | null
  readonly twilio: { readonly authTokens: readonly Secret[] } | null
}
