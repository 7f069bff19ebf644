import fc from 'fast-check'
import twilioPackage from 'twilio'
import { expect, test } from 'vitest'
import type { SignalAnswer } from '../../core/wire/signal.ts'
import type { CarrierRequest } from './carrier.ts'
import { twilio } from './twilio.ts'

const { getExpectedTwilioSignature, validateRequest, validateRequestWithBody } = twilioPackage

const token = '12345'
const secrets = { secrets: [token], bearers: [] }
const form = 'application/x-www-form-urlencoded'

function post(url: string, body: string, signature: string, type = form): CarrierRequest {
  const headers = new Map([
    ['content-type', type],
    ['x-twilio-signature', signature],
  ])
  const query = url.split('?').slice(1).join('?')
  return { method: 'POST', url, query, headers, body: Buffer.from(body), receivedAt: 0 }
}

test('the published example has the published signature', () => {
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
  const fields = {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+12349013030',
    Digits: '1234',
    From: '+12349013030',
    To: '+18005551212',
  }
  const body = new URLSearchParams(fields).toString()
  expect(twilio.verify(post(url, body, '0/KCTR6DLpKmkAf8muzZqo1nDgQ='), secrets)).toBeNull()
  expect(twilio.verify(post(url, body, '0/KCTR6DLpKmkAf8muzZqo1nDgR='), secrets)).toBe('signature-mismatch')
  expect(twilio.verify(post(`${url}3`, body, '0/KCTR6DLpKmkAf8muzZqo1nDgQ='), secrets)).toBe(
    'signature-mismatch',
  )
})

test('an empty token in the configuration lets nobody sign with it', () => {
  const url = 'https://a.example/x'
  const signature = getExpectedTwilioSignature('', url, { To: '1' })
  expect(twilio.verify(post(url, 'To=1', signature), { secrets: [''], bearers: [] })).toBe(
    'signature-mismatch',
  )
})

const value = fc.string({ unit: fc.constantFrom('a', 'B', '1', '+', ' ', '&', '=', '%', 'ø', '😀', '"') })
const fields = fc.dictionary(
  fc.stringMatching(/^[A-Za-z]{1,4}$/),
  fc.array(value, { minLength: 1, maxLength: 3 }),
  {
    noNullPrototype: true,
  },
)
const address = fc.constantFrom(
  'https://a.example/v1/calls/twilio/acme',
  'https://a.example:443/v1/calls/twilio/acme?b=%2B45',
  'https://a.example:8443/v1/calls/twilio/acme?b=%2B45',
  'http://a.example/x?y=1',
  'http://a.example:80/x',
)

test('what Twilio’s own package signs is accepted, and its own check agrees, for every form', () => {
  const check = (url: string, signedUrl: string, parameters: Record<string, string[]>) => {
    const pairs = Object.entries(parameters).flatMap(([name, values]) =>
      values.map((each): [string, string] => [name, each]),
    )
    const signature = getExpectedTwilioSignature(token, signedUrl, parameters)
    const theirs = validateRequest(token, signature, url, parameters)
    const ours = twilio.verify(post(url, new URLSearchParams(pairs).toString(), signature), secrets) === null
    expect(ours).toBe(theirs)
    if (url === signedUrl) expect(ours || url.includes(':80') || url.includes(':443')).toBe(true)
  }
  fc.assert(fc.property(address, address, fields, check), { seed: 5, numRuns: 400 })
})

test('a body that is no form is covered by its hash in the address, as Twilio’s own package has it', () => {
  const body = '{"a":1}'
  const url =
    'https://a.example/x?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862'
  const signature = getExpectedTwilioSignature(token, url, {})
  for (const each of [body, '{"a":2}', '']) {
    const theirs = validateRequestWithBody(token, signature, url, each)
    expect(theirs).toBe(each === body)
    expect(twilio.verify(post(url, each, signature, 'application/json'), secrets) === null).toBe(theirs)
  }
})

const answer: SignalAnswer = {
  call: 'CA1',
  match: {
    kind: 'none',
    confidence: 0,
    session: null,
    visitor: null,
    source: null,
    candidates: [],
    reasons: [],
  },
  forward: '+12025550199',
}

test('the callback that the answer asks for finds its way back as the same call on the same B', () => {
  const url = 'https://a.example/v1/calls/twilio/acme?anything=else'
  const ring = post(url, 'CallSid=CA1&CallStatus=ringing&From=%2B12025550187&To=%2B12025550143', '')
  const twiml = twilio.answer(ring, { array: false, answers: [answer] }).body
  const callback = /statusCallback="([^"]*)"/.exec(twiml)?.[1] ?? ''
  const told = 'CallSid=CA2&ParentCallSid=CA1&CallStatus=in-progress&From=%2B12025550187&To=%2B12025550199'
  expect(twilio.translate(post(callback, told, ''))).toMatchObject({
    signals: [{ call: 'CA1', state: 'answer', b: '+12025550143', c: '+12025550199' }],
  })
})

test('a ring that could not be noted is put through all the same; a report is refused, to be sent again', () => {
  const url = 'https://a.example/v1/calls/twilio/acme'
  const answered = (form: string, forward: string | null) =>
    twilio.answer(post(url, form, ''), {
      array: false,
      answers: [{ problem: 'log-unavailable', forward }],
    })
  const ring = 'CallSid=CA1&CallStatus=ringing&From=%2B12025550187&To=%2B12025550143'
  expect(answered(ring, '+12025550199')).toMatchObject({
    status: 200,
    body: expect.stringContaining('>+12025550199</Number></Dial>'),
  })
  expect(answered(ring, null).status).toBe(503)
  const report = 'CallSid=CA1&CallStatus=completed&From=%2B12025550187&To=%2B12025550143'
  expect(answered(report, '+12025550199').status).toBe(503)
})

test('whatever stands in numbers and addresses, the TwiML stays one Dial with one Number', () => {
  const check = (to: string, forward: string, path: string) => {
    const body = new URLSearchParams({ CallSid: 'CA1', CallStatus: 'ringing', To: `${to}x` }).toString()
    const request = post(`https://a.example/${path}`, body, '')
    const twiml = twilio.answer(request, { array: false, answers: [{ ...answer, forward }] }).body
    expect(twiml).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?><Response><Dial answerOnBridge="true"><Number statusCallback="[^<>"]*" statusCallbackEvent="initiated ringing answered completed" statusCallbackMethod="POST">[^<>"]*<\/Number><\/Dial><\/Response>$/,
    )
    expect(twiml).not.toMatch(/&(?!(?:amp|lt|gt|quot|apos);)/)
  }
  const text = fc.string({
    unit: fc.constantFrom('+', '1', '<', '>', '"', "'", '&', ']]>', '\u0000', 'é', '/', '</Number>'),
  })
  fc.assert(fc.property(text, text, text, check), { seed: 6 })
})
