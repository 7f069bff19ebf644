import { expect, test } from 'vitest'
import { formatProblems } from './config.ts'
import { allowedServers, encryption, peerOf } from './egress.ts'
import { loaded, problemsOf } from './testConfig.ts'

const text = (url: string, location = 'eu-dk', host = 'nats.acme.example', port = ', port: 4222') => `
nats: { url: "${url}" }
egress:
  locations: [eu-dk, eu-de]
  peers:
    - { host: ${host}${port}, purpose: the log, operator: ourselves, location: ${location} }
`

test('what is a peer in an allowed place may be connected to', () => {
  const { egress, warnings } = loaded(text('nats://me:pw@NATS.acme.example'))
  expect(egress.declared).toBe(true)
  expect(egress.peers).toEqual([
    { host: 'nats.acme.example', port: 4222, purpose: 'the log', operator: 'ourselves', location: 'eu-dk' },
  ])
  expect(warnings).toEqual([])
  expect(allowedServers({ servers: 'nats://nats.acme.example:4222', peers: egress.peers })).toBeDefined()
})

test.each(['nats://127.0.0.1:1', 'nats://localhost', 'nats://[::1]:9', 'nats://127.8.8.8'])(
  '%s is this machine and needs no peer',
  url => {
    expect(problemsOf(text(url))).toEqual([])
    expect(loaded(`nats: { url: "${url}" }`).warnings).toEqual([])
    expect(allowedServers({ servers: [url] })).toEqual([url])
  },
)

test.each([
  'nats://other.acme.example',
  'nats://nats.acme.example:4223',
  'nats://127.0.0.1, tls://hunter2@elsewhere',
  'nats://nats.acme.example.evil.example',
  'nats://[::ffff:7f00:1]',
  'nats://0.0.0.0',
])('%s is no peer, and is refused where it is written, unnamed', url => {
  expect(problemsOf(text(url))).toEqual([
    'test.yaml:2:14 nats.url: names a server (1. of those that are not on this machine) that is none of egress.peers',
  ])
})

test('the environment is held to the same list', () => {
  const env = { RINGTRAIL_NATS_URL: 'nats://other' }
  expect(problemsOf(text('nats://127.0.0.1'), { env })[0]).toMatch(
    /^RINGTRAIL_NATS_URL nats\.url: names a server/,
  )
})

test('a peer in another place is refused, whether it is used or not', () => {
  expect(problemsOf(text('nats://127.0.0.1', 'us-va'))).toEqual([
    'test.yaml:6:95 egress.peers[0].location: is none of egress.locations',
  ])
})

test.each(['"nats://a"', '"a/b"', '"me@a"', '"."'])('%s is no host', host => {
  expect(problemsOf(text('nats://127.0.0.1', 'eu-dk', host))[0]).toContain(
    'has to be a host name or an address',
  )
})

test('one party has one place', () => {
  const two = `${text('nats://127.0.0.1')}    - { host: NATS.acme.example., port: 4222, purpose: x, operator: y, location: eu-de }\n`
  expect(problemsOf(two)[0]).toContain('egress.peers[1].host: is used twice')
})

test('a peer without a port is one on every port, and one with it goes before', () => {
  const [any, one] = [null, 4222].map(port => ({
    ...{ host: 'a', port, purpose: '', operator: null, location: null },
  })) as [never, never]
  expect([4222, 4223].map(port => peerOf({ host: 'A', port }, [any, one]))).toEqual([one, any])
})

test('without egress nats.url is allowed and nothing else, and the place is asked for', () => {
  const { egress, warnings } = loaded('nats: { url: "nats://me:pw@nats:4222" }')
  expect(formatProblems(warnings)).toBe(
    'test.yaml:1:14 nats.url: lies where nobody has declared: name it in egress.peers, with its location',
  )
  const { peers } = egress
  expect(allowedServers({ servers: ['nats://nats:4222'], peers })).toEqual(['nats://nats:4222'])
  for (const server of ['nats://nats:4223', 'other', 'nats://10.0.0.1:4222'])
    expect(() => allowedServers({ servers: [server], peers })).toThrow('none of egress.peers')
})

test('an egress section that names nobody allows this machine alone', () => {
  expect(problemsOf('egress: {}\nnats: { url: "nats://nats" }')).toHaveLength(1)
  expect(problemsOf('egress: {}\nnats: { url: "nats://127.0.0.1" }')).toEqual([])
})

test('an address that says tls:// is not served in the clear', () => {
  expect(encryption({ servers: ['nats://a', 'tls://b'] })).toEqual({ tls: {} })
  expect(encryption({ servers: 'nats://tls' })).toEqual({})
})
