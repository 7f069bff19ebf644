import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { genericSignal, problemAnswer, signalAnswer } from '../core/wire/signal.ts'
import { clientFrames, serverFrames } from '../core/wire/visitor.ts'

/**
 * The public face as AsyncAPI 3.0 (sockets) and OpenAPI 3.1 (HTTP), from the schemas that check the messages.
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

function asyncApi(): object {
  const messages = Object.entries({ ...received, ...sent }).map(([name, payload]) => [
    name,
    { name, contentType: 'application/json', payload },
  ])
  return {
    asyncapi: '3.0.0',
    info: info('Ringtrail: visitor frames and call signals'),
    channels: {
      visit: channel('/v1/visit', [...Object.keys(clientFrames), ...Object.keys(serverFrames)]),
      calls: channel('/v1/calls/{tenant}', ['signal', 'answer', 'refusal'], { tenant: {} }),
    },
    operations: {
      takeVisit: operation('receive', 'visit', Object.keys(clientFrames)),
      tellVisit: operation('send', 'visit', Object.keys(serverFrames)),
      takeSignal: operation('receive', 'calls', ['signal']),
      answerSignal: operation('send', 'calls', ['answer', 'refusal']),
    },
    components: { messages: Object.fromEntries(messages) },
  }
}

function channel(address: string, names: readonly string[], parameters?: object): object {
  const messages = names.map(name => [name, { $ref: `#/components/messages/${name}` }])
  return { address, ...(parameters ? { parameters } : {}), messages: Object.fromEntries(messages) }
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

/** What comes back: this, or a problem of `components`. */
export function answered(schema: object): object {
  const refused = json({ $ref: '#/components/schemas/problem' })
  return {
    200: { description: 'Answered.', content: json(schema) },
    default: { description: 'Refused.', content: refused },
  }
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(apiDocuments))
    writeFileSync(join(import.meta.dirname, file), text())
}
