import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, expect, test } from 'vitest'
import { loaded } from '../config/testConfig.ts'
import { madeBody } from './access/keyShapes.ts'
import { addAccessCommands } from './accessCommands.ts'
import { adminRoutes } from './adminRoutes.ts'
import { faultIn } from './bodyForm.ts'
import { addBreachCommands } from './breach/breachCommands.ts'
import { openBodyOfProcessor } from './breach/breachShapes.ts'
import { addSubjectCommands } from './subjectCommands.ts'
import { findBody, rectifyBody, subjectsBody } from './subjects/subjects.ts'

type Form = {
  readonly properties?: Readonly<Record<string, Form>>
  readonly items?: Form
  readonly anyOf?: readonly Form[]
  readonly errorMessage?: string
}

/** Where a form has no words for what it wants. */
function speechless(form: Form, path: string): string[] {
  if (form.properties !== undefined)
    return Object.entries(form.properties).flatMap(([name, part]) => speechless(part, `${path}.${name}`))
  if (form.errorMessage === undefined && form.anyOf !== undefined)
    return form.anyOf.flatMap(one => speechless(one, path))
  const inside = form.items === undefined ? [] : speechless(form.items, `${path}[]`)
  return form.errorMessage === undefined ? [path, ...inside] : inside
}

test('every field of every body of the admin API says what it has to be', () => {
  const bodies = adminRoutes.flatMap(({ path, body }) =>
    body === null ? [] : speechless(JSON.parse(JSON.stringify(body)), path),
  )
  expect(bodies).toEqual([])
})

const analyst = { name: 'x', role: 'analyst' }
const [ofTenant, ofProcessor] = [madeBody('tenant'), madeBody('processor')]
const nature = 'loss'
const subject = 'v:abcdefghijklmnopqrstuv'
const anna = 'Anna+4520304050'

test.each([
  [
    ofTenant,
    { ...analyst, role: 'sre' },
    'role has to be a role of the tenant’s keys: owner, analyst, call-centre, privacy-officer, integrator.',
  ],
  [ofProcessor, analyst, 'role has to be a role of the processor’s keys: sre, operator.'],
  [
    ofTenant,
    { ...analyst, name: anna },
    'name has to be at most 64 small letters, digits and . _ -, with a letter or a digit first.',
  ],
  [
    ofTenant,
    { name: 'x' },
    'role is missing: it has to be a role of the tenant’s keys: owner, analyst, call-centre, privacy-officer, integrator.',
  ],
  [
    ofTenant,
    { ...analyst, expiresIn: '3y' },
    'expiresIn has to be a duration such as 90d, longer than 0 and at most 3650d, or null for never.',
  ],
  [
    ofTenant,
    { ...analyst, purpose: anna },
    'purpose has to be the number of a case or a ticket, of at most 200 characters: letters, digits, spaces and . _ : / # -.',
  ],
  [ofTenant, [], 'The body has to be an object in JSON.'],
  [
    openBodyOfProcessor,
    { nature: anna },
    'nature has to be one of unauthorised-access, disclosure, alteration, loss, unavailability.',
  ],
  [
    openBodyOfProcessor,
    { nature, awareAt: 'yesterday' },
    'awareAt has to be a time such as 2026-05-12T09:30:00Z.',
  ],
  [openBodyOfProcessor, { nature, actors: ['abc', anna] }, 'actors[1] has to be the id of an access key.'],
  [
    openBodyOfProcessor,
    { nature, actors: ['abc', 'abc'] },
    'actors has to be a list of 1 to 64 ids of access keys, each once.',
  ],
  [findBody, { email: anna }, 'email has to be an e-mail address.'],
  [findBody, {}, 'The body has to be what the person gave: one of visitor, session, phone and email.'],
  [
    rectifyBody,
    { subject, field: 'ipAddress', to: null },
    'field has to be one of userAgent, url, referrer, searchPhrase, title, name, element, or ids.… or fields.… with a name.',
  ],
  [rectifyBody, { carrier: 'generic', call: 'c-1', phone: 7 }, 'phone has to be a phone number, or null.'],
])('%#: %o is answered with what has to be changed, and never repeated', (schema, body, detail) => {
  expect(faultIn(schema, body)).toEqual({ code: 'not-valid', detail })

  expect(detail).not.toContain(anna)
})

test('a field that is not documented is not repeated; those that are known stand in its place', () => {
  expect(faultIn(ofTenant, { ...analyst, [anna]: 1 })).toEqual({
    code: 'unknown-field',
    detail: 'A field is not documented; known here: name, role, expiresIn, purpose.',
  })
})

test('a body that is right has no fault', () => {
  expect(faultIn(ofTenant, { ...analyst, expiresIn: null })).toBeNull()
})

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
afterAll(() => rmSync(folder, { recursive: true }))
const [noAddress, key] = ['no-address', 'key'].map(name => join(folder, name)) as [string, string]
writeFileSync(noAddress, 'Anna Larsen\n')
writeFileSync(key, 'rt_acme_x\n')

/** What a command says before it asks anybody: no listener is there. */
async function said(words: string): Promise<string> {
  const program = new Command().exitOverride()
  const configured = () => loaded('')
  addAccessCommands(program, configured)
  addBreachCommands(program, configured)
  const [audit, receipt] = ['audit', 'receipt'].map(name => program.command(name)) as [Command, Command]
  addSubjectCommands(program, configured, { audit, receipt })
  const more = ['--admin', 'http://127.0.0.1:1', '--key-file', key]
  return program.parseAsync([...words.split(' '), ...more], { from: 'user' }).then(
    () => 'nothing',
    (error: Error) => error.message,
  )
}

test.each([
  [
    'keys create --name reports --role sre --tenant acme',
    '--role has to be a role of the tenant’s keys: owner, analyst, call-centre, privacy-officer, integrator.',
  ],
  [
    'keys create --name reports --role analyst',
    '--role has to be a role of the processor’s keys: sre, operator.',
  ],
  [
    'keys create --name Anna@acme --role sre',
    '--name has to be at most 64 small letters, digits and . _ -, with a letter or a digit first.',
  ],
  [
    'keys create --name reports --role sre --expires-in 3y',
    '--expires-in has to be a duration such as 90d, at most 3650d, or never.',
  ],
  ['keys rotate abc --overlap soon', '--overlap has to be a duration such as 24h, at most 30d.'],
  [
    'keys revoke abc --purpose a@b',
    '--purpose has to be the number of a case or a ticket, of at most 200 characters: letters, digits, spaces and . _ : / # -.',
  ],
  [
    'breach open --nature theft',
    '--nature has to be one of unauthorised-access, disclosure, alteration, loss, unavailability.',
  ],
  [
    'breach open --nature loss --aware-at yesterday',
    '--aware-at has to be a time such as 2026-05-12T09:30:00Z.',
  ],
  ['breach open --nature loss --actors a,,b', '--actors has to be the id of an access key.'],
  ['breach phase abc --phase 4', '--phase has to be 1, 2 or 3.'],
  [
    `subjects find --tenant acme --email-file ${noAddress}`,
    'What --email-file holds has to be an e-mail address.',
  ],
  [
    'subjects rectify --tenant acme --subject v:abcdefghijklmnopqrstuv --field ipAddress --remove',
    '--field has to be one of userAgent, url, referrer, searchPhrase, title, name, element, or ids.… or fields.… with a name.',
  ],
])('%s: the command says which option, and what it has to be', async (words, sentence) => {
  expect(await said(words)).toBe(sentence)
})

test.each([
  [subjectsBody, { subjects: [anna] }, 'subjects[0]'],
  [subjectsBody, { subjects: [subject, subject.slice(0, -1)] }, 'subjects[1]'],
])('%#: a handle that lacks a character is told apart', (schema, body, where) => {
  const detail = `${where} has to be a handle, v:… or c:…, whole, as a search answered it.`
  expect(faultIn(schema, body)).toEqual({ code: 'not-a-handle', detail })
})
