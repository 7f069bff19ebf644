import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { problems } from '../../core/problems.ts'
import type { Carrier, CarrierRequest, CarrierSecrets } from './carrier.ts'
import { type Recording, recordingsOf } from './fixtures.ts'
import { carriers } from './list.ts'

/** What every carrier keeps to. A new one brings its recordings and is held to the same. */

const signatureHeaders = ['webhook-signature', 'x-twilio-signature', 'authorization']

function withHeader(request: CarrierRequest, name: string, value: string | null): CarrierRequest {
  const headers = new Map(request.headers)
  if (value === null) headers.delete(name)
  else headers.set(name, value)
  return { ...request, headers }
}

function signatureOf(request: CarrierRequest): string {
  return signatureHeaders.find(header => request.headers.has(header)) ?? ''
}

/** A genuine request whose signature covers its body. */
function signedWithBody(all: readonly Recording[]): readonly Recording[] {
  const isSigned = ({ request, verify }: Recording) =>
    verify === null && signatureOf(request) !== 'authorization'
  return all.filter(isSigned).filter(({ request }) => request.body.length > 0)
}

test('every carrier of the list has recordings, and every recording a carrier', () => {
  const folder = new URL('fixtures/', import.meta.url)
  expect(readdirSync(folder).sort()).toEqual([...carriers.keys()].map(name => `${name}.json`).sort())
})

describe.each([...carriers])('%s', (name, carrier) => {
  const { secrets, all } = recordingsOf(name)
  const genuine = all.filter(each => each.verify === null)

  test.each(all.map(each => [each.name, each] as const))('%s', (_, recording) => {
    expect(carrier.verify(recording.request, secrets)).toBe(recording.verify)
    if (recording.translate) expect(carrier.translate(recording.request)).toEqual(recording.translate)
    if (recording.answers) {
      expect(carrier.answer(recording.request, recording.answers)).toEqual(recording.response)
    }
  })

  test('there are recordings of a ring, an answer, an end, and of refusals of all three kinds', () => {
    const said = JSON.stringify(all.map(each => each.translate))
    for (const part of ['"ring"', '"end"', '"problem":"empty-body"']) expect(said).toContain(part)
    expect(all.some(each => each.verify !== null)).toBe(true)
    expect(signedWithBody(all).length).toBeGreaterThan(3)
  })

  test('a body with any byte changed, cut or added is refused', () => {
    const { request } = signedWithBody(all)[0] as Recording
    for (let index = 0; index < request.body.length; index++) {
      const body = Buffer.from(request.body)
      body[index] = (body[index] as number) ^ 1
      expect(carrier.verify({ ...request, body }, secrets), `byte ${index}`).not.toBeNull()
    }
    expect(carrier.verify({ ...request, body: request.body.subarray(1) }, secrets)).not.toBeNull()
    const longer = Buffer.concat([request.body, Buffer.from('1')])
    expect(carrier.verify({ ...request, body: longer }, secrets)).not.toBeNull()
  })

  test.each([
    'missing',
    '',
    ' ',
    'short',
    'longer',
    'é',
    'v1,',
    'v1,é',
    'Bearer',
    'Bearer ',
    ',,,',
    'v1, v1,',
  ])('a signature that is %j is refused', kind => {
    for (const { request } of genuine) {
      const header = signatureOf(request)
      const value = request.headers.get(header) ?? ''
      const forged: Record<string, string | null> = {
        missing: null,
        short: value.slice(0, -1),
        longer: `${value}A`,
      }
      const changed = withHeader(request, header, kind in forged ? (forged[kind] ?? null) : kind)
      expect(carrier.verify(changed, secrets)).toMatch(/-mismatch$|-missing$/)
    }
  })

  test('with other secrets, empty ones or none at all nobody gets in', () => {
    const strangers: CarrierSecrets[] = [
      { secrets: ['whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA=='], bearers: ['other'] },
      { secrets: [''], bearers: [''] },
      { secrets: ['whsec_', 'not base64 at all!'], bearers: [] },
      { secrets: [], bearers: [] },
    ]
    for (const stranger of strangers) {
      for (const { request } of genuine) expect(carrier.verify(request, stranger)).not.toBeNull()
    }
  })

  test('a request for which there is an empty bearer or signature finds no empty secret to match', () => {
    const { request } = genuine[0] as Recording
    const empty = withHeader(withHeader(request, 'authorization', 'Bearer '), signatureOf(request), '')
    expect(carrier.verify(empty, { secrets: [''], bearers: [''] })).not.toBeNull()
  })

  test('no request makes it throw, and each is answered by something that can be sent', () => {
    fc.assert(
      fc.property(strangeRequest(all), request => survives(carrier, request, secrets)),
      { seed: 3 },
    )
  })

  test('a refusal says what the catalogue says, whoever sent what', () => {
    for (const { request } of all) {
      const response = carrier.answer(request, { problem: 'overloaded' })
      expect(response.status).toBe(problems.overloaded.status)
      expect(JSON.parse(response.body).error.code).toBe('overloaded')
    }
  })
})

/** Recorded requests with parts replaced by anything. */
function strangeRequest(all: readonly Recording[]): fc.Arbitrary<CarrierRequest> {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(array => Buffer.from(array)),
    fc.json().map(text => Buffer.from(text)),
    fc
      .string({ unit: fc.constantFrom('CallSid', 'CallStatus', 'To', '=', '&', '%', '%ff', 'ringing') })
      .map(Buffer.from),
  )
  const changes = fc.record(
    {
      body: bytes,
      url: fc.string({ unit: 'binary' }),
      query: fc.string({ unit: 'binary' }),
      method: fc.constantFrom('GET', 'PUT', ''),
      receivedAt: fc.oneof(fc.double(), fc.maxSafeInteger()),
      headers: fc
        .array(fc.tuple(fc.constantFrom('content-type', ...signatureHeaders), fc.string()))
        .map(pairs => new Map(pairs)),
    },
    { requiredKeys: [] },
  )
  return fc
    .tuple(fc.constantFrom(...all), changes)
    .map(([{ request }, change]) => ({ ...request, ...change }))
}

function survives(carrier: Carrier, request: CarrierRequest, secrets: CarrierSecrets): void {
  const verdict = carrier.verify(request, secrets)
  expect(verdict === null || verdict in problems).toBe(true)
  const translation = carrier.translate(request)
  const match = {
    kind: 'none',
    confidence: 0,
    session: null,
    visitor: null,
    source: null,
    candidates: [],
    reasons: [],
  } as const
  const answerFor = () => ({
    call: 'c',
    match: { ...match, candidates: [], reasons: [] },
    forward: '+12025550199',
  })
  const answers =
    'problem' in translation
      ? translation
      : { array: translation.array, answers: translation.signals.map(answerFor) }
  const response = carrier.answer(request, answers)
  expect(response.status).toBeGreaterThanOrEqual(200)
  expect(response.body.isWellFormed()).toBe(true)
}
