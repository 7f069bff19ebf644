import { expect, test } from 'vitest'
import { loaded } from '../config/testConfig.ts'
import { createAdminClient } from './adminClient.ts'

/** What a command says that finds no token of this machine. */
function said(dataDir: string): string {
  try {
    createAdminClient(loaded(`dataDir: ${dataDir}`), {})
    return 'nothing'
  } catch (error) {
    return (error as Error).message
  }
}

test('where there is no token, a relative dataDir is said to be the likely reason', () => {
  expect(said('nowhere/at-all')).toBe(
    `There is no key to show: ${process.cwd()}/nowhere/at-all/admin.token is written by ringtrail start and readable by its user. dataDir in test.yaml is relative and taken from the folder that a command runs in: run this one where ringtrail start runs, or make dataDir absolute. Or give a key by --key-file or RINGTRAIL_KEY.`,
  )
  expect(said('/nowhere/at-all')).toBe(
    'There is no key to show: /nowhere/at-all/admin.token is written by ringtrail start and readable by its user. Name the right --config. Or give a key by --key-file or RINGTRAIL_KEY.',
  )
})
