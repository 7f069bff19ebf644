import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPrivate, withPrivateFiles } from './privateFiles.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-private-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

test('what is written is readable by its user alone, whatever the umask', async () => {
  const before = process.umask(0)
  try {
    await withPrivateFiles([at('new/report.html')], async ([file]) => file?.write('<p>'))
  } finally {
    process.umask(before)
  }
  expect(readFileSync(at('new/report.html'), 'utf8')).toBe('<p>')
  expect(statSync(at('new/report.html')).mode & 0o777).toBe(0o600)
  expect(statSync(at('new')).mode & 0o777).toBe(0o700)
})

test('nothing is overwritten, and nothing is asked for where a place is taken', async () => {
  writeFileSync(at('taken'), 'mine')
  let asked = false
  const writing = withPrivateFiles([at('free'), at('taken')], async () => {
    asked = true
  })
  await expect(writing).rejects.toThrow('is there already, and nothing is overwritten')
  expect([asked, existsSync(at('free')), readFileSync(at('taken'), 'utf8')]).toEqual([false, false, 'mine'])
})

test('what fails leaves no file', async () => {
  const failing = withPrivateFiles([at('half')], async ([file]) => {
    file?.write('half')
    throw new Error('refused')
  })
  await expect(failing).rejects.toThrow('refused')
  expect(existsSync(at('half'))).toBe(false)
})

test('what names a person is one line of a file', () => {
  writeFileSync(at('phone.txt'), ' 33 11 22 33\n\n')
  expect(readPrivate(at('phone.txt'), 'a phone number')).toBe('33 11 22 33')
  writeFileSync(at('two.txt'), '33 11 22 33\n33 11 22 34\n')
  expect(() => readPrivate(at('two.txt'), 'a phone number')).toThrow(
    'has to hold a phone number, in one line.',
  )
  writeFileSync(at('none.txt'), '\n')
  expect(() => readPrivate(at('none.txt'), 'a phone number')).toThrow('in one line')
  expect(() => readPrivate(at('nowhere'), 'a phone number')).toThrow('cannot be read (ENOENT).')
})
