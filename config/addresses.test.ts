import { expect, test } from 'vitest'
import {
  isLoopback,
  isLoopbackHost,
  isNatsUrl,
  isOrigin,
  parseListenAddress,
  parseNatsUrl,
  parseNetwork,
  parsePublicUrl,
} from './addresses.ts'

test.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['localhost:65535', { host: 'localhost', port: 65_535 }],
  ['8080', null],
  [':8080', null],
  ['127.0.0.1', null],
  ['127.0.0.1:65536', null],
  ['127.0.0.256:80', null],
  ['127.1:80', null],
  ['::1:80', null],
  ['[127.0.0.1]:80', null],
  ['http://localhost:80', null],
])('the listener %s', (text, address) => {
  expect(parseListenAddress(text)).toEqual(address)
})

test('loopback is what only this machine reaches', () => {
  const hosts = ['127.0.0.1', '127.9.9.9', '::1', 'localhost', '0.0.0.0', '::', '127.example.com', '10.0.0.1']
  expect(hosts.map(host => isLoopback({ host, port: 1 }))).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

test.each([
  ['10.0.0.0/8', { address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
  ['192.0.2.1', { address: '192.0.2.1', prefix: 32, family: 'ipv4' }],
  ['2001:db8::/32', { address: '2001:db8::', prefix: 32, family: 'ipv6' }],
  ['10.0.0.0/33', null],
  ['2001:db8::/129', null],
  ['10.0.0/8', null],
  ['10.0.0.0/', null],
  ['fe80::1%eth0/64', null],
  ['everyone', null],
])('the network %s', (text, network) => {
  expect(parseNetwork(text)).toEqual(network)
})

test('an origin is what a browser sends, letter for letter', () => {
  const good = [
    'https://www.acme.example',
    'http://localhost:8080',
    'http://[::1]:8080',
    'https://xn--bcher-kva.example',
  ]
  const bad = [
    'https://acme.example/',
    'https://Acme.example',
    'https://bücher.example',
    'https://a.example:443',
    'file://x',
    'null',
    '*',
  ]
  expect(good.filter(isOrigin)).toEqual(good)
  expect(bad.filter(isOrigin)).toEqual([])
})

test('the public address has no slash at its end, no user and no query', () => {
  expect(parsePublicUrl('https://ring.example/')).toBe('https://ring.example')
  expect(parsePublicUrl('https://ring.example/ring/')).toBe('https://ring.example/ring')
  const bad = [
    'ring.example',
    'https://me:pw@ring.example',
    'https://ring.example?x=1',
    'https://ring.example#x',
    'wss://ring.example',
  ]
  expect(bad.map(parsePublicUrl)).toEqual(bad.map(() => null))
})

test('servers of the log', () => {
  expect(['nats://a:4222', 'tls://a:4222, nats://b', 'nats://me:pw@a'].map(isNatsUrl)).toEqual([
    true,
    true,
    true,
  ])
  expect(['a:4222', 'http://a', 'nats://a,', ''].map(isNatsUrl)).toEqual([false, false, false, false])
})

test('servers and credentials of a nats url go apart, because the client reads no credentials in an address', () => {
  expect(parseNatsUrl('nats://a:4222, tls://b')).toEqual({ servers: ['nats://a:4222', 'tls://b'] })
  expect(parseNatsUrl('nats://me:p%40ss@a:4222,nats://b:4222')).toEqual({
    servers: ['nats://a:4222', 'nats://b:4222'],
    user: 'me',
    password: 'p@ss',
  })
})

test.each([
  ['localhost', true],
  ['LocalHost:9090', true],
  ['127.0.0.1:9090', true],
  ['127.1.2.3', true],
  ['[::1]', true],
  ['[::1]:9090', true],
  ['', false],
  ['evil.example:9090', false],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['127.0.0.1@evil.example', false],
  ['localhost:', false],
  ['[::2]', false],
  ['10.0.0.1', false],
])('the Host %s names this machine: %s', (host, is) => {
  expect(isLoopbackHost(host)).toBe(is)
})
