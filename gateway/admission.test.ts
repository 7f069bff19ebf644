import { expect, test } from 'vitest'
import { limits } from '../core/limits.ts'
import { createAddresses, createAdmission, rateKey } from './admission.ts'

const behindProxy = createAddresses([{ address: '10.0.0.0', prefix: 8, family: 'ipv4' }])
const seen = (forwarded: string, peer = '10.0.0.1') =>
  behindProxy({ peer, headers: new Map([['x-forwarded-for', forwarded]]) })

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['198.51.100.7:5678', '198.51.100.7'],
  ['203.0.113.1, 198.51.100.7:5678, 10.0.0.2:80', '198.51.100.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:5678', '2001:db8::7'],
  ['[::ffff:198.51.100.7]:5678', '198.51.100.7'],
  ['nobody', '10.0.0.1'],
  ['198.51.100.7:', '10.0.0.1'],
  ['', '10.0.0.1'],
])('behind a proxy that is trusted, X-Forwarded-For %s is %s', (forwarded, address) => {
  expect(seen(forwarded)).toBe(address)
})

test('nobody else is believed', () => {
  expect(seen('198.51.100.7:5678', '192.0.2.1')).toBe('192.0.2.1')
})

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002:ffff:0000:0000:0006', '2001:db8:1:2'],
  ['2001:DB8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['1:2::', '1:2:0:0'],
  ['1::4:5:6:7:8', '1:0:0:4'],
  ['1::4:5:6:198.51.100.7', '1:0:0:4'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', ''],
])('the rate of %s is that of %s', (address, key) => {
  expect(rateKey(address)).toBe(key)
})

test('all addresses of a /64 share a rate, those of the next have their own', async () => {
  const { failed } = createAdmission()
  const most = limits.failedProofsPerAddressPerMinuteMax
  for (let at = 0; at < most; at += 1) expect(await failed(`2001:db8::${at.toString(16)}`)).toBe(true)
  expect(await failed('2001:db8::ffff')).toBe(false)
  expect(await failed('2001:db8:0:1::1')).toBe(true)
})
