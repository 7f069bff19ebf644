import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { publicKeyPem } from '../config/signing.ts'
import { chainOf, headsOf, linesOfRecords, rehashed, signer } from '../config/testChain.ts'
import { repository } from './docs.ts'

/** What docs/audit.md tells an independent reader to do, done as it stands there, with nothing of ours but the files. */
const text = readFileSync(join(repository, 'docs/audit.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'ringtrail-audit-docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const chain = chainOf(12)
const keep = (name: string, content: string) => writeFileSync(join(folder, name), content)
const keepLines = (name: string, lines: readonly string[]) =>
  keep(name, lines.map(line => `${line}\n`).join(''))
keepLines('records.jsonl', linesOfRecords(chain))
keepLines('heads.jsonl', headsOf(chain, [3, 11]))
keep('key.pem', publicKeyPem(signer))

function blockOf(name: string): string {
  const block = new RegExp(`<!-- run: ${name} -->\\n\`\`\`\\w+\\n(.*?)\`\`\``, 's').exec(text)?.[1]
  if (block === undefined) throw new Error(`There is no block to run with ${name}.`)
  return block
}

const run = (program: string, ...words: string[]) =>
  spawnSync(program, words, { cwd: folder, encoding: 'utf8' })
const hasTools = ['openssl', 'jq'].every(tool => spawnSync(tool, ['--help']).status === 0)

test('with Node alone a whole chain is whole, and one written anew is not', () => {
  keep('check.mjs', blockOf('node'))
  const check = (records: string) => run(process.execPath, 'check.mjs', records, 'heads.jsonl', 'key.pem')
  expect(check('records.jsonl').stdout).toBe('12 records are whole, the last signed head is 11\n')
  const anew = rehashed(chain.with(5, { ...chain[5], actor: 'nobody' } as never), 5)
  keepLines('anew.jsonl', linesOfRecords(anew))
  expect(check('anew.jsonl').stderr).toContain('head 11')
})

test.skipIf(!hasTools)('with OpenSSL and jq a head is genuine, and a record has its hash', () => {
  const { stdout } = run('sh', '-ec', blockOf('sh'))
  const [verified, computed, written] = stdout.split('\n')
  expect(verified).toBe('Signature Verified Successfully')
  expect(computed?.split(' ')[0]).toBe(written)
  expect(written).toBe(chain[0]?.hash)
})
