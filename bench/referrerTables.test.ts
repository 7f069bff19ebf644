import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as others from '../core/referrersTable.ts'
import * as search from '../core/searchHostsTable.ts'
import { files, licenceText, referrerTable } from './referrerTables.ts'
import { projectFolder } from './sourceFiles.ts'

const committed = { ...search, ...others }

test.each(Object.values(files).flat())('the table %s says what the package says', name => {
  expect(committed[name]).toEqual(referrerTable(name))
  expect(referrerTable(name).length).toBeGreaterThan(2)
})

test.each(Object.keys(files))('%s carries the notice of the licence', file => {
  const text = readFileSync(join(projectFolder, file), 'utf8')
  for (const line of licenceText().split('\n')) expect(text).toContain(line)
})

test('names are such as advertisers write, and hosts stand alone', () => {
  const names = Object.values(committed).flatMap(table => table.map(([name]) => name))
  for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9.&+-]*$/)
  expect(names).not.toContain('google-news')
})
