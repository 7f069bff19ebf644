import type { PackageHead } from './makePackage.ts'

/** Under which terms the packages of the tests are made, and the chance that makes their histories. */
export const head: PackageHead = {
  tenant: 'acme',
  request: 'request-1',
  purpose: 'access',
  madeAtMs: Date.UTC(2026, 10, 24, 12),
  terms: {
    controller: { name: 'Acme A/S', contact: 'privacy at acme.example' },
    retentionMs: 60 * 86_400_000,
    fieldRetentionMs: { ipAddress: 7 * 86_400_000 },
    recipients: ['Acme’s customer records'],
    locations: ['EU'],
  },
}

/** The same seed gives the same history. */
export function chanceOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
