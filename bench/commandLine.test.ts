import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from './docs.ts'

const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}
const commands = Object.entries(scripts).flatMap(([name, line]) => {
  const file = /^node (bench\/\S+)$/.exec(line)?.[1]
  return file === undefined ? [] : [[name, file] as const]
})

function ended(file: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(repository, file), ...words], {
    encoding: 'utf8',
    cwd: repository,
  })
  return { status, stdout, stderr }
}

test('there are twelve commands', () => expect(commands).toHaveLength(12))

test.each(commands)('%s --help is one line with its options, and nothing is started', (name, file) => {
  const usage = new RegExp(`^npm run ${name} -- \\[.+\\]\n$`)
  expect(ended(file, '--help')).toEqual({ status: 0, stdout: expect.stringMatching(usage), stderr: '' })
})

test('an option that a command does not know, or without its value, is one sentence', () => {
  const [usage, file] = [ended('bench/load/main.ts', '--help').stdout, 'bench/load/main.ts']
  const said = (first: string) => ({ status: 2, stdout: '', stderr: `${first} Usage: ${usage}` })
  expect(ended(file, '--nonsense')).toEqual(said("Unknown option '--nonsense'."))
  expect(ended(file, '--seed')).toEqual(said("Option '--seed <value>' argument missing."))
  expect(ended(file, '--seed', '-1')).toEqual(said("Option '--seed' argument is ambiguous."))
  expect(ended(file, 'word')).toEqual(said("Unexpected argument 'word'."))
})
