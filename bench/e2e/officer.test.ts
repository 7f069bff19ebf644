import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository } from '../docs.ts'
import { bearer, origin, temporaryFolder } from '../system.ts'
import { type Run, startWith } from './adminWorld.ts'
import { helloText, openSocket } from './badInputsClient.ts'

/**
 * A privacy officer does what docs/requests.md says, as it stands there and in its order: each block of commands in a
 * shell of its own, against a real system. What they print is what the document shows, but for ids and times of chance.
 */
const page = join(repository, 'docs/requests.md')
const text = readFileSync(page, 'utf8')
/** With WRITE_PAGE=1 the page is given what is printed now, to be read before it is committed. */
const isWriting = process.env.WRITE_PAGE === '1'
const block = /<!-- officer: (run|offline|prints|file (\S+)) -->\n+```\w*\n(.*?)```/gs
const steps = [...text.matchAll(block)].map(([, kind = '', file = '', body = '']) => ({ kind, file, body }))

const folder = temporaryFolder()
const at = (name: string) => join(folder.path, name)
let run: Run
let adminIsThere = true

/** Two people of one home: both entered its number. */
const anna = { visitor: 'kx3JvR8mT2qYw9bLzA4uEg', name: 'Anna', mail: 'anna@mail.example' }
const ben = { visitor: 'Zt5hQn1cWf7sKd0pXy6rBg', name: 'Ben', mail: 'ben@mail.example' }

beforeAll(async () => {
  run = await startWith(['acme'], { audit: { signEvery: '1h' } })
  await visit(anna, 'c-4711', '+4533112233')
  await visit(ben, 'c-4712', '+4520304050')
  writeFileSync(at('ringtrail.yaml'), readFileSync(`${run.system.dataDir}.yaml`))
  mkdirSync(at('bin'))
  const main = join(repository, 'gateway/main.ts')
  writeFileSync(at('bin/ringtrail'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  chmodSync(at('bin/ringtrail'), 0o700)
})

afterAll(async () => {
  if (adminIsThere) await run?.end()
  folder.remove()
})

async function visit({ visitor, name, mail }: typeof anna, call: string, a: string): Promise<void> {
  const socket = await openSocket(run.system, origin, 'pk_acme')
  const welcome = await socket.ask(helloText({ visitor }))
  const fields = { name, mail, phone: '33 11 22 33' }
  await socket.ask(JSON.stringify({ type: 'engagement', id: 2, action: 'submit', fields }))
  await fetch(`http://127.0.0.1:${run.system.publicPort}/v1/calls/generic/acme`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ call, state: 'ring', a, b: welcome.numbers?.[0]?.e164 }),
  })
  await socket.close()
}

/** What is chance or time: handles of callers, requests, keys, times; sizes of files that hold them; the end of the chain. */
const chance =
  /c:[\w-]{22}|(?<![\w:-])[\w-]{22}(?![\w-])|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=Key |by )[a-z2-7]{12}|\b[0-9a-f]{16}\b|\d+(?= bytes\)| records\b)|(?<=\b(?:index|head|record) )\d+|^\d+(?= {2}\d{4}-)/gm
/** A reading of the chain is a record that may come after the head. */
const unsigned = /; records? [^;]* not signed: [^;\n]*/g

const kindOf = (token: string) =>
  token.startsWith('c:') ? 'caller' : /^\d{4}-/.test(token) ? 'time' : /^\d+$/.test(token) ? 'number' : 'id'

const withoutChance = (said: string) =>
  said.replaceAll(unsigned, '').replaceAll(chance, token => `(${kindOf(token)})`)

/** What stands in the document for what it is here: commands name what earlier ones printed. */
const here = new Map<string, string>()
const adminShown = '127.0.0.1:9090'

function compare(printed: string, documented: string): void {
  if (!isWriting) expect(withoutChance(printed), printed).toBe(withoutChance(documented))
  for (const kind of ['caller', 'id']) {
    const [found, shown] = [printed, documented].map(said =>
      (said.match(chance) ?? []).filter(token => kindOf(token) === kind),
    )
    for (const [index, token] of (shown ?? []).entries()) here.set(token, found?.[index] ?? token)
  }
}

/** Puts what was printed now in the place of what the page shows. */
function writePage(allPrinted: readonly string[]): void {
  let next = 0
  const anew = text.replaceAll(
    /(<!-- officer: prints -->\n+```\w*\n).*?```/gs,
    (_, head: string) => `${head}${allPrinted[next++]}\`\`\``,
  )
  writeFileSync(
    page,
    [...here].reduce((rest, [token, found]) => rest.replaceAll(token, found), anew),
  )
}

function shell(commands: string): string {
  const tokens = [...here, [adminShown, `127.0.0.1:${run.system.adminPort}`] as const]
  const asHere = tokens.reduce((rest, [token, found]) => rest.replaceAll(token, found), commands)
  const { stdout, status } = spawnSync('sh', ['-ec', `umask 077; exec 2>&1\n${asHere}`], {
    ...{ cwd: folder.path, encoding: 'utf8' },
    env: { PATH: `${at('bin')}:${process.env.PATH}` },
  })
  expect(status, stdout).toBe(0)
  return stdout
}

test('what docs/requests.md says works as it stands there, and prints what it shows', async () => {
  expect(steps.filter(({ kind }) => kind === 'run').length).toBeGreaterThan(6)
  let printed = ''
  const allPrinted: string[] = []
  for (const { kind, file, body } of steps) {
    if (kind === 'offline') {
      await run.end()
      adminIsThere = false
    }
    if (kind === 'prints') {
      compare(printed, body)
      allPrinted.push(printed)
    } else if (kind === 'run' || kind === 'offline') printed = shell(body)
    else writeFileSync(at(file), body, { mode: 0o600 })
  }
  expect(adminIsThere).toBe(false)
  if (isWriting) writePage(allPrinted)
}, 300_000)

test('no command on the page carries a phone number or an e-mail address', () => {
  const commands = steps.filter(({ kind }) => kind === 'run' || kind === 'offline').map(({ body }) => body)
  expect(commands.join('\n')).not.toMatch(/\+\d{6}|\d\d \d\d \d\d|@/)
})

test('what was written is readable by its user alone, and tells of nobody else', () => {
  for (const name of ['report.html', 'anna.zip', 'receipt.json', 'trail/records.jsonl', 'acme-key.pem']) {
    expect(existsSync(at(name)), name).toBe(true)
    expect(statSync(at(name)).mode & 0o777, name).toBe(0o600)
  }
  const report = readFileSync(at('report.html'), 'utf8')
  for (const own of [anna.mail, anna.visitor, '+4533112233', 'c-4711']) expect(report).toContain(own)
  for (const others of [ben.mail, ben.visitor, '+4520304050', 'c-4712']) expect(report).not.toContain(others)
  const kept = ['receipt.json', 'trail/records.jsonl'].map(name => readFileSync(at(name), 'utf8')).join()
  for (const value of [anna.mail, anna.visitor, '33112233', ben.visitor]) expect(kept).not.toContain(value)
})
