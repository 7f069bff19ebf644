import { Type, type Static } from 'typebox'
import { limits } from '../core/limits.ts'
import { tenantSettings } from './tenantSchema.ts'
import { duration, id, nullable, optional, path, shape, size, text, words } from './schemaParts.ts'

/**
 * The whole configuration as it may stand in the file: every key, its form, its default and the sentence an editor
 * shows. What has a default may be left out (`complete` fills it in), so the type below has no gaps.
 */

const address = (description: string, fallback: string) =>
  optional(text('an address such as 127.0.0.1:8080', description, { maxLength: 255 }), fallback)

const listen = shape('Where the two listeners are bound.', {
  public: address('For browsers and carriers.', '0.0.0.0:8080'),
  admin: address(
    'For the people who run it. Anywhere but on loopback it serves only /livez and /readyz, and /metrics with the monitor key, until keys exist.',
    '127.0.0.1:9090',
  ),
})

const tls = shape('Certificate and key of the public listener.', {
  certFile: path('The certificate chain (PEM).'),
  keyFile: path('Its private key (PEM).'),
})

const nats = shape('The log.', {
  url: nullable(
    text('an address such as nats://127.0.0.1:4222', 'null: a local nats-server is started and supervised.', {
      writeOnly: true,
    }),
  ),
  durability: optional(
    words(
      ['durable', 'lazy'],
      'durable: acknowledged survives a power cut. lazy: it survives the end of the process only.',
    ),
    'durable',
  ),
  storeDir: nullable(
    path('Where the local nats-server keeps its streams; null: `nats` in the data directory.'),
  ),
  logSize: size(
    'What stream LOG may hold. Entries that are applied and on disk give way when half of it is used; when it is full of others, visits are refused and calls wait in the outbox.',
    '4GiB',
  ),
})

const peer = shape('A party that the software may open a connection to.', {
  host: text('a host name or an address', 'Its name or address, as nats.url has it.', { maxLength: 255 }),
  port: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 65_535,
      description: 'null: any port.',
      errorMessage: 'a port from 1 to 65535',
    }),
  ),
  purpose: text('a text of at most 200 characters', 'What for, such as: the log.', { maxLength: 200 }),
  operator: text('a text of at most 200 characters', 'Who runs it: ourselves, or a sub-processor’s name.', {
    maxLength: 200,
  }),
  location: id('Where it lies: one of egress.locations.'),
})

const egress = shape(
  'Where connections may go. Left out: to this machine and to nats.url, and a warning says that its place is not declared.',
  {
    locations: Type.Array(id('A tag such as eu-dk.'), {
      description: 'The places that are allowed.',
      default: [],
    }),
    peers: Type.Array(peer, {
      description: 'All that may be connected to. This machine itself always may.',
      default: [],
    }),
  },
)

const named = (description: string) =>
  nullable(text('a text of at most 300 characters', description, { maxLength: 300 }))

const processor = shape('Who runs this for the controllers: for the record of processing.', {
  name: named('Name and address.'),
  contact: named('How to reach them.'),
  representative: named('The representative in the Union, where there has to be one; “none” where not.'),
  dataProtectionOfficer: named('Name and how to reach them; “none” where there does not have to be one.'),
})

const audit = shape(
  'The audit chains of the tenants: how often their heads are signed, and where else they go.',
  {
    signEvery: duration(
      'How often the head of a chain that has grown is signed. What somebody with the root key writes anew since the last head that was kept outside is not found.',
      '1m',
    ),
    anchorFile: nullable(
      path(
        'A file that signed heads are appended to, one JSON line each. Keep it where this machine cannot take lines back.',
      ),
    ),
    anchorCommand: nullable(
      Type.Array(text('a word of a command', 'The program, then its arguments.', { maxLength: 1_000 }), {
        description:
          'A command that is given each signed head as a JSON line on standard input, and has 10 s to end with 0.',
        minItems: 1,
        maxItems: 64,
        errorMessage: 'a list of a program and its arguments, such as [/usr/local/bin/keep-head]',
      }),
    ),
  },
)

const backups = shape('Backups of the data directory, which you make.', {
  keptFor: duration(
    'How old a backup may be when it is put back. What was erased since it was made is remembered for so long, to be erased again; an older one is refused.',
    '90d',
  ),
})

const disk = shape('The disks under dataDir and nats.storeDir.', {
  stopAt: Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      'The used share from which on no visit is taken; calls are. They are taken again when it is below.',
    errorMessage: 'a share from 0 to 1, such as 0.85',
    default: limits.diskStopAt,
  }),
})

const threads = Type.Union(
  [
    Type.Literal('auto'),
    Type.Integer({ minimum: 1, maximum: 256, errorMessage: 'auto or a whole number from 1 to 256' }),
  ],
  {
    description: 'Worker threads; auto: one less than the processor has cores.',
    errorMessage: 'auto or a whole number from 1 to 256',
    default: 'auto',
  },
)

export const settings = Type.Object(
  {
    listen: optional(listen, {}),
    publicUrl: nullable(
      text(
        'an address such as https://ring.acme.example',
        'The public listener as carriers call it: their signatures cover it.',
      ),
    ),
    trustedProxies: Type.Array(text('a network such as 10.0.0.0/8', 'A network or an address.'), {
      description: 'Whose X-Forwarded-For is believed; nobody’s by default.',
      default: [],
    }),
    tls: nullable(tls),
    nats: optional(nats, {}),
    egress: nullable(egress),
    processor: nullable(processor),
    disk: optional(disk, {}),
    audit: optional(audit, {}),
    backups: optional(backups, {}),
    dataDir: optional(path('Where everything that has to survive is kept.'), './data'),
    returnsKept: duration(
      'For how long a return package lies on the worker’s disk, in the clear, if nobody says before that it was received.',
      '7d',
    ),
    lateness: duration('How late a call signal may arrive and still be matched from memory.', '24h'),
    partitions: Type.Integer({
      minimum: 1,
      maximum: 1_024,
      description: 'Fixed for the life of a deployment.',
      errorMessage: 'a whole number from 1 to 1024',
      default: 16,
    }),
    threads,
    demo: Type.Boolean({
      description: 'Serves the demo site under /demo/. Never in production.',
      default: false,
    }),
    logLevel: optional(
      words(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'How much is logged.'),
      'info',
    ),
    rootKeyFile: nullable(path('The key that wraps all others; keep it off the data disk.')),
    rootKeyCommand: nullable(
      Type.Array(text('a text that is not empty', 'The command, then its arguments.'), {
        minItems: 1,
        description: 'A command that prints the root key: the client of a key management service.',
      }),
    ),
    keyDir: nullable(
      path(
        'Where the key store is, never backed up together with the data; null: `keys` in the data directory.',
      ),
    ),
    pepperFile: nullable(
      path('The key under which phone numbers become pseudonyms; guard it like the root key.'),
    ),
    monitorKeyFile: nullable(
      path(
        'What monitors show as a bearer for /metrics and the details of /readyz, which tell how much all tenants do. null: nobody has to on loopback, and nobody may elsewhere.',
      ),
    ),
    tenants: Type.Array(tenantSettings, { description: 'The data controllers this file owns.', default: [] }),
  },
  { additionalProperties: false },
)

/** The configuration in the file's own form, complete. */
export type Settings = Static<typeof settings>

type JsonSchema = { [keyword: string]: unknown }

/** The JSON Schema of the file for editors: what has a default is not required there. Committed beside this file. */
export function configJsonSchema(): JsonSchema {
  const published = relaxed(JSON.parse(JSON.stringify(settings))) as JsonSchema
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Ringtrail configuration',
    ...published,
  }
}

function relaxed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(relaxed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, relaxed(value)]),
  ) as JsonSchema
  if (copy.type !== 'object') return copy
  const properties = copy.properties as Record<string, JsonSchema>
  const required = Object.keys(properties).filter(key => !('default' in (properties[key] ?? {})))
  if (required.length > 0) return { ...copy, required }
  const { required: _, ...open } = copy
  return open
}
