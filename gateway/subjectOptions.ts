import type { Command } from 'commander'
import { Check } from 'typebox/value'
import { handleForm } from '../core/subjectNames.ts'
import { type AdminClient, type AdminOptions, underTenant, withAdminOptions } from './adminClient.ts'
import { purposeText } from './adminRoute.ts'
import { checkOptions } from './bodyForm.ts'
import { readPrivate } from './privateFiles.ts'
import { trailBody } from './subjects/subjects.ts'

/** How commands that serve a person's rights are told which controller, which person, and why. */
export type Of = AdminOptions & { readonly tenant: string; readonly purpose?: string }
export type OfAny = AdminOptions & { readonly tenant?: string }
export type Open = (options: OfAny) => AdminClient
export type Named = { readonly subject: readonly string[] }
export type Person = {
  readonly subject?: readonly string[]
  readonly visitor?: string
  readonly session?: string
  readonly phoneFile?: string
  readonly emailFile?: string
}

/** Throws a sentence where it is no handle: the API would say only that something has not the right form. */
export function collected(one: string, before: readonly string[] = []): readonly string[] {
  if (!new RegExp(handleForm).test(one))
    throw new Error(
      'A handle is v: or c: and 22 characters after it: copy it whole, as a search answered it.',
    )
  return [...before, one]
}

export function ofTenant(command: Command): Command {
  return withAdminOptions(command).requiredOption('--tenant <id>', 'of which controller')
}

/** Without a tenant it is the processor’s own that is meant. */
export function ofTenantOrProcessor(command: Command): Command {
  return withAdminOptions(command).option(
    '--tenant <id>',
    'of which controller; left out: the processor’s own',
  )
}

/** For what leaves a record that says why. */
export function withPurpose(command: Command): Command {
  return ofTenant(command).option(
    '--purpose <reference>',
    'a case or a ticket for the audit record, never a name',
  )
}

export function ofPeople(command: Command): Command {
  return withPurpose(command).requiredOption(
    '--subject <handle>',
    'v:… or c:…; as often as needed',
    collected,
  )
}

export function byWhatWasGiven(command: Command): Command {
  return command
    .option('--visitor <id>', 'the id that their browser keeps')
    .option('--session <id>', 'the id of a visit')
    .option('--phone-file <file>', 'a file with their phone number; - for standard input')
    .option('--email-file <file>', 'a file with their e-mail address; - for standard input')
}

/** What of a person goes into the body. Throws a sentence where it is not exactly one thing, or not of its form. */
export function givenOf(person: Person): object {
  const body = oneThing(person)
  checkOptions(trailBody, body, { phone: 'What --phone-file holds', email: 'What --email-file holds' })
  return body
}

function oneThing({ subject = [], visitor, session, phoneFile, emailFile }: Person): object {
  const given = [subject[0], visitor, session, phoneFile, emailFile].filter(one => one !== undefined)
  if (given.length !== 1 || subject.length > 1) {
    throw new Error('Say who is meant by one option: of several, ask for each by itself.')
  }
  if (subject[0] !== undefined) return { subject: subject[0] }
  if (visitor !== undefined) return { visitor }
  if (session !== undefined) return { session }
  if (emailFile !== undefined) return { email: readPrivate(emailFile, 'an e-mail address') }
  return { phone: readPrivate(phoneFile ?? '', 'a phone number') }
}

export function pathOf({ tenant }: OfAny, rest: string): string {
  return `${underTenant(tenant)}/${rest}`
}

export function purposeOf({ purpose }: Of): { purpose?: string } {
  if (purpose === undefined) return {}
  if (!Check(purposeText, purpose))
    throw new Error('A purpose is the number of a case or a ticket: letters, digits, spaces and . _ : / # -')
  return { purpose }
}

export type InForce = {
  readonly request: string
  readonly inForceAt: string
  readonly nothingHeldUnder: readonly string[] | null
}

/** Says what the API answered to a change. */
export function sayInForce(answer: string): InForce {
  const said = JSON.parse(answer) as InForce
  const unheld = said.nothingHeldUnder?.map(
    handle => `Nothing was held under ${handle}. Compare it with what the search answered.`,
  ) ?? ['Whether anything was held is not known just now.']
  const lines = [`In force since ${said.inForceAt}. Request ${said.request}.`, ...unheld]
  process.stdout.write(`${lines.join('\n')}\n`)
  return said
}
