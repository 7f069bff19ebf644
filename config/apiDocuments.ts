import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { feedFrame, feedFrames } from '../core/feedFrame.ts'
import type { ResultKind } from '../core/wire/result.ts'
import { resultExamples } from '../core/wire/resultExamples.ts'
import { resultMessageShape } from '../core/wire/resultShapes.ts'
import { genericSignal, problemAnswer, signalAnswer } from '../core/wire/signal.ts'
import { subjects } from '../core/wire/subjects.ts'
import { clientFrames, serverFrames } from '../core/wire/visitor.ts'

/**
 * What goes in and out as AsyncAPI 3.0 (sockets, subjects of NATS) and OpenAPI 3.1 (HTTP), from the schemas that check the
 * messages, or by which they are written.
 * `node config/apiDocuments.ts && npm run format` writes both files, a test compares what they say.
 */
export const apiDocuments = {
  'asyncapi.json': () => textOf(asyncApi()),
  'openapi.json': () => textOf(openApi()),
} as const

export const textOf = (document: object) => `${JSON.stringify(document, null, 2)}\n`

/** A document's title, and our version. */
export function info(title: string): object {
  const text = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')
  return { title, version: (JSON.parse(text) as { version: string }).version }
}

const received = { ...clientFrames, signal: genericSignal }
const sent = { ...serverFrames, answer: signalAnswer, refusal: problemAnswer }

/** By default; where they are is configuration. */
const servers = {
  public: { host: 'localhost:8080', protocol: 'ws', description: '`listen.public`' },
  admin: { host: '127.0.0.1:9090', protocol: 'ws', description: '`listen.admin`, with a key' },
  nats: { host: 'localhost:4222', protocol: 'nats', description: '`nats.url`, with its own permissions' },
}

function asyncApi(): object {
  const frames = Object.entries({ ...received, ...sent }).map(([name, payload]) => [
    name,
    { name, contentType: 'application/json', payload },
  ])
  return {
    asyncapi: '3.0.0',
    info: info('Ringtrail: visitor frames, call signals and results'),
    servers,
    channels: channels(),
    operations: {
      takeVisit: operation('receive', 'visit', Object.keys(clientFrames)),
      tellVisit: operation('send', 'visit', Object.keys(serverFrames)),
      takeSignal: operation('receive', 'calls', ['signal']),
      answerSignal: operation('send', 'calls', ['answer', 'refusal']),
      takeRequest: operation('receive', 'signals', ['signal']),
      answerRequest: operation('send', 'signals', ['answer', 'refusal']),
      tellFeed: operation('send', 'feed', Object.keys(feedFrames)),
      storeResults: operation('send', 'results', ['results']),
    },
    components: { messages: { ...Object.fromEntries(frames), ...resultMessages() } },
  }
}

function channels(): object {
  const signals = ['signal', 'answer', 'refusal']
  const ofTenant = { parameters: { tenant: {} } }
  const kinds: readonly ResultKind[] = ['call', 'session']
  const results = subjects.results('{tenant}', '{kind}' as ResultKind)
  return {
    visit: channel('public', '/v1/visit', [...Object.keys(clientFrames), ...Object.keys(serverFrames)]),
    calls: channel('public', '/v1/calls/{tenant}', signals, ofTenant),
    signals: channel('nats', subjects.signals('{tenant}'), signals, {
      ...ofTenant,
      description: 'Requests of NATS; the answer is the reply.',
    }),
    feed: channel('admin', '/v1/feed', Object.keys(feedFrames), {
      description:
        'Results as they are stored. What its query may be: openapi-admin.json. Nothing restricted.',
    }),
    results: channel('nats', results, ['results'], {
      parameters: { tenant: {}, kind: { enum: kinds } },
      description:
        'JetStream stream RESULTS, kept for 7 days; what is restricted is in it too. A result is named by partition, sequence and index: within a partition they only grow, and one that comes again says the same.',
    }),
  }
}

/** What we tell on our own, each with an example. */
function resultMessages(): object {
  const { call, session } = resultExamples
  const results = [...call.results, ...session.results]
  const frames = Object.entries(feedFrames).map(([kind, payload]) => {
    const examples = results
      .filter(({ outcome }) => outcome.kind === kind)
      .map(result => ({ payload: feedFrame(call.tenant, 'SeXcwBuYpQd5yyxkCGxvDA', result) }))
    return [kind, { name: kind, contentType: 'application/json', payload, examples }]
  })
  const stored = {
    ...{ name: 'results', contentType: 'application/vnd.msgpack', payload: resultMessageShape },
    examples: Object.entries(resultExamples).map(([name, payload]) => ({ name, payload })),
  }
  return { ...Object.fromEntries(frames), results: stored }
}

function channel(
  server: keyof typeof servers,
  address: string,
  names: readonly string[],
  more: object = {},
): object {
  const messages = names.map(name => [name, { $ref: `#/components/messages/${name}` }])
  const on = { servers: [{ $ref: `#/servers/${server}` }] }
  return { address, ...on, ...more, messages: Object.fromEntries(messages) }
}

function operation(action: 'receive' | 'send', name: string, messages: readonly string[]): object {
  return {
    action,
    channel: { $ref: `#/channels/${name}` },
    messages: messages.map(message => ({ $ref: `#/channels/${name}/messages/${message}` })),
  }
}

function openApi(): object {
  return {
    openapi: '3.1.0',
    info: info('Ringtrail: visits and call signals over HTTP'),
    paths: {
      '/healthz': {
        get: { responses: { 200: { description: 'Ready.' }, 503: { description: 'Not ready.' } } },
      },
      '/v1/visit': { post: visitPost() },
      '/v1/calls/generic/{tenant}': { post: signalPost() },
    },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { problem: problemAnswer },
    },
  }
}

function visitPost(): object {
  const frames = json({ type: 'array', items: { anyOf: Object.values(clientFrames) } })
  return {
    parameters: [{ name: 'site', in: 'query', required: true, schema: { type: 'string' } }],
    requestBody: { required: true, content: { ...frames, 'text/plain': frames['application/json'] } },
    responses: answered({ type: 'array', items: { anyOf: Object.values(serverFrames) } }),
  }
}

function signalPost(): object {
  const answers = { type: 'array', items: { anyOf: [signalAnswer, problemAnswer] } }
  return {
    security: [{ bearer: [] }, {}],
    description: 'Proof is the bearer, or a Standard Webhooks signature in its own headers.',
    parameters: [{ name: 'tenant', in: 'path', required: true, schema: { type: 'string' } }],
    requestBody: {
      required: true,
      content: json({ anyOf: [genericSignal, { type: 'array', items: genericSignal, maxItems: 256 }] }),
    },
    responses: answered({ anyOf: [signalAnswer, answers] }),
  }
}

export function json(schema: object): { 'application/json': { schema: object } } {
  return { 'application/json': { schema } }
}

const asText = (forms: readonly string[]) =>
  Object.fromEntries(forms.map(form => [form, { schema: { type: 'string' } }]))

/** What comes back: this, also in other forms, or a problem of `components`. */
export function answered(schema: object, otherForms: readonly string[] = []): object {
  const refused = json({ $ref: '#/components/schemas/problem' })
  return {
    200: { description: 'Answered.', content: { ...json(schema), ...asText(otherForms) } },
    default: { description: 'Refused.', content: refused },
  }
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(apiDocuments))
    writeFileSync(join(import.meta.dirname, file), text())
}
