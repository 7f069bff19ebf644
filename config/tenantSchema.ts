import { Type, type Static } from 'typebox'
import { limits } from '../core/limits.ts'
import { sealedFields } from '../core/privacy.ts'
import { callSettings } from './callSettings.ts'
import {
  duration,
  id,
  lasting,
  nullable,
  optional,
  path,
  phoneNumber,
  shape,
  text,
  words,
} from './schemaParts.ts'

/** One tenant as it stands in the file, and as the admin API reads and writes it. */

const secretText = (description: string) =>
  text('a text that is not empty', description, { writeOnly: true, maxLength: 512 })

const secretOrTwo = (description: string) =>
  nullable(
    Type.Union(
      [
        secretText(description),
        Type.Array(secretText(description), { minItems: 1, maxItems: 2, writeOnly: true }),
      ],
      {
        description: `${description} Two while it is being replaced.`,
        errorMessage: 'a text, or a list of two',
        writeOnly: true,
      },
    ),
  )

const site = shape('A web property.', {
  key: id('The public key that its pages carry; unique among all tenants.'),
  origins: Type.Array(
    text('an origin such as https://www.acme.example', 'Scheme, host and, if unusual, port.'),
    {
      minItems: 1,
      description: 'Whose pages may use the key.',
    },
  ),
  bots: optional(words(['refuse', 'allow'], 'Whether automated clients get numbers.'), 'refuse'),
  ignoreReferrers: Type.Array(
    text('a host such as pay.example', 'It, and what lies below it.', { maxLength: 253 }),
    {
      default: [],
      maxItems: 100,
      description: 'Hosts that send visitors back and are no source, such as where they pay.',
    },
  ),
  targets: nullable(
    Type.Array(id('A target’s id.'), { description: 'Which targets its pages show; all if left out.' }),
  ),
})

const segmentText = (description: string) =>
  nullable(
    text(`a text of at most ${limits.sourceCharsMax} characters`, description, {
      maxLength: limits.sourceCharsMax,
    }),
  )

const segmentRule = shape('All that is said has to fit; what is left out fits always. Case says nothing.', {
  source: segmentText('Such as google.'),
  medium: segmentText('Such as cpc.'),
  campaign: segmentText('Such as autumn.'),
  channel: segmentText('Such as Paid Search.'),
  landingPath: nullable(
    text('a path that begins with /', 'What the path of the page begins with on which the visit begins.', {
      pattern: '^/',
      maxLength: limits.textCharsMax,
    }),
  ),
  country: nullable(
    text('a country such as DK', 'The country whose numbers the page asks for (`data-country`).', {
      pattern: '^[A-Z]{2}$',
    }),
  ),
})

const segment = shape('Visits that get numbers of another pool than the target’s.', {
  id: id('Its name, unique within the target.'),
  when: segmentRule,
  pool: nullable(id('The pool whose numbers these visits get; null: they get none.')),
})

const target = shape('A number as it stands on the page that should be replaced.', {
  id: id('Its name, unique within the tenant.'),
  replace: phoneNumber('The number on the page.'),
  forward: phoneNumber('Where calls to its stand-ins are forwarded.'),
  pool: nullable(id('The pool whose numbers are shown in its place.')),
  static: nullable(
    phoneNumber('The static number for visitors who get none of the pool’s; null: the page’s own.'),
  ),
  segments: Type.Array(segment, {
    default: [],
    maxItems: limits.segmentsPerTargetMax,
    description: 'In order: the first that fits a visit says which pool’s numbers it gets.',
  }),
})

const pool = shape('Numbers that are lent to visits, for one target.', {
  id: id('Its name, unique within the tenant.'),
  numbers: Type.Array(
    text('a phone number or a range first..last', 'A number, or a range first..last.', { maxLength: 160 }),
    {
      minItems: 1,
      description: 'The tracking numbers.',
    },
  ),
  idleTimeout: duration('No sign of life for this long: the session is over.', '5m'),
  tail: duration('How long a session keeps its number after it is over.', '20m'),
  coolDown: duration('How long a number then rests before it is lent again.', '10m'),
  sticky: duration('How long a returning visitor gets the same number, if it is free.', '24h'),
  minHold: nullable(
    lasting(
      'How long a number is held at least before it rests, however quiet its session; null: as long as its tail.',
    ),
  ),
  maxHold: nullable(
    lasting('How long a session holds one number at most, then it gets another; null: as long as it lasts.'),
  ),
  overflow: optional(words(['share', 'fallback'], 'What a visitor gets when the pool is empty.'), 'share'),
  warnAt: nullable(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'The share of numbers in use from which on it is warned; null: 0.75.',
      errorMessage: 'a share above 0 and up to 1, such as 0.75',
    }),
  ),
})

const sourceText = (description: string) =>
  text(`a text of at most ${limits.sourceCharsMax} characters`, description, {
    maxLength: limits.sourceCharsMax,
  })

const source = shape('What a static number stands for.', {
  source: sourceText('Such as print.'),
  medium: sourceText('Such as offline.'),
  campaign: nullable(sourceText('Such as autumn.')),
  content: nullable(sourceText('Which variant.')),
  keyword: nullable(sourceText('Which keyword.')),
  channel: nullable(sourceText('Its channel; null: as the rules say.')),
})

const likeText = shape('What the value has to be like, in any case of letters. One of the four.', {
  equals: nullable(sourceText('The value itself.')),
  oneOf: nullable(
    Type.Array(sourceText('One of the values.'), {
      minItems: 1,
      maxItems: 100,
      description: 'One of these.',
    }),
  ),
  startsWith: nullable(sourceText('How it begins.')),
  contains: nullable(sourceText('What is in it.')),
})

const channel = shape(
  'A rule for channels. The first that holds wins; where none does, the default ones follow.',
  {
    channel: sourceText('The channel of a visit for which everything below holds.'),
    source: nullable(likeText),
    medium: nullable(likeText),
    campaign: nullable(likeText),
  },
)

const staticNumber = shape('A number tied to a source, not to a session.', {
  number: phoneNumber('The number people dial.'),
  forward: phoneNumber('Where calls to it are forwarded.'),
  source,
})

const generic = shape('Any telephony system that speaks our own signals. One kind of secret at least.', {
  secrets: Type.Array(secretText('A Standard Webhooks secret, whsec_….'), {
    description: 'Standard Webhooks secrets; several while one is being replaced.',
    writeOnly: true,
    default: [],
  }),
  secretsFile: nullable(path('The same in a file, one per line.')),
  bearer: secretOrTwo('A bearer token; the stream of signals needs one.'),
  bearerFile: nullable(path('The same in a file, one per line.')),
})

const twilio = shape('Twilio, verified by the account’s auth token.', {
  authToken: secretOrTwo('The auth token.'),
  authTokenFile: nullable(path('The same in a file, one per line.')),
})

const carriers = shape('Who may report calls, and how they prove who they are.', {
  generic: nullable(generic),
  twilio: nullable(twilio),
})

const named = (description: string) =>
  nullable(text('a text of at most 300 characters', description, { maxLength: 300 }))

const controller = shape('Who it is, for the record of processing.', {
  name: named('Name and address.'),
  contact: named('How to reach them.'),
  dataProtectionOfficer: named('Name and how to reach them; “none” where there does not have to be one.'),
})

const fieldRetention = shape(
  'Fields that go earlier than the rest, each after its own time. In force for what is taken in from then on.',
  Object.fromEntries(
    sealedFields.map(field => [
      field,
      nullable(lasting(`How long ${field} is kept; as the rest if left out.`)),
    ]),
  ),
)

const purpose = Type.Integer({ minimum: 1, maximum: 24, errorMessage: 'a purpose from 1 to 24' })

const tcf = shape('Consent follows from the TC string of the page’s consent dialogue (IAB Europe’s TCF 2).', {
  vendor: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 65_535,
      description: 'The vendor that has to be agreed to; null: none has to.',
      errorMessage: 'a vendor id from 1 to 65535',
    }),
  ),
  purposes: Type.Array(purpose, { minItems: 1, description: 'The purposes that have to be agreed to.' }),
})

export const tenantSettings = shape('A data controller: its sites, numbers and policies.', {
  id: text('an id of a-z, 0-9 and “-”, at most 64', 'It is part of addresses and subjects.', {
    pattern: '^[a-z0-9-]{1,64}$',
  }),
  controller: nullable(controller),
  retention: duration('How long data is kept.', '60d'),
  fieldRetention: nullable(fieldRetention),
  consent: optional(
    words(['required', 'assumed'], 'required: unknown consent counts as denied.'),
    'required',
  ),
  gpc: optional(
    words(
      ['objection', 'refusal', 'ignore'],
      'How Global Privacy Control is read. objection: only a yes to this site outdoes it; refusal: nothing does.',
    ),
    'objection',
  ),
  tcf: nullable(tcf),
  onWithdrawal: optional(
    words(['erase', 'keep'], 'Whether what was sealed of a visitor is erased when consent is taken back.'),
    'erase',
  ),
  defaultForward: nullable(phoneNumber('Where a call to a number we do not know is forwarded.')),
  sites: Type.Array(site, { default: [] }),
  targets: Type.Array(target, { default: [] }),
  pools: Type.Array(pool, { default: [] }),
  statics: Type.Array(staticNumber, { default: [] }),
  channels: Type.Array(channel, { default: [], maxItems: 50 }),
  calls: optional(callSettings, {}),
  carriers: optional(carriers, {}),
})

export type TenantSettings = Static<typeof tenantSettings>
export type SiteSettings = TenantSettings['sites'][number]
export type SegmentSettings = TenantSettings['targets'][number]['segments'][number]
export type ChannelSettings = TenantSettings['channels'][number]
export type TargetSettings = TenantSettings['targets'][number]
export type PoolSettings = TenantSettings['pools'][number]
