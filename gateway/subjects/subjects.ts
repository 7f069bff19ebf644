import { type Static, Type } from 'typebox'
import { countryOf, parsePhoneNumber } from '../../config/phoneNumbers.ts'
import { limits } from '../../core/limits.ts'
import { handleForm, idForm } from '../../core/subjectNames.ts'
import type { PhoneNumber } from '../../core/words.ts'
import { purposeText } from '../adminRoute.ts'
import type { Pseudonyms } from '../pseudonyms.ts'
import type { Tenant } from '../tenants.ts'

/** How a person is named by who asks: by what they gave, and then by the handles that a search answers. */

const strict = { additionalProperties: false } as const
const idOf = (what: string) =>
  Type.String({ minLength: 1, maxLength: 128, errorMessage: `the id of ${what}, of at most 128 characters` })

/** One that we made: of 22 characters. */
const madeId = (what: string) =>
  Type.String({ pattern: idForm, errorMessage: `the id of ${what}, whole, of 22 characters` })

/** `v:` and a visitor id, or `c:` and the pseudonym of a caller. */
const handle = Type.String({
  pattern: handleForm,
  errorMessage: 'a handle, v:… or c:…, whole, as a search answered it',
})

const purpose = Type.Optional(purposeText)

const phone = Type.String({ minLength: 3, maxLength: 64, errorMessage: 'a phone number' })
const email = Type.String({
  ...{ minLength: 3, maxLength: 320, pattern: '@' },
  errorMessage: 'an e-mail address',
})

const given = {
  visitor: Type.Optional(madeId('a visitor')),
  session: Type.Optional(madeId('a visit')),
  phone: Type.Optional(phone),
  email: Type.Optional(email),
  purpose,
}

/** One of them: what the person gave. */
export const findForm = 'what the person gave: one of visitor, session, phone and email'
export const findBody = Type.Object(given, { ...strict, minProperties: 1, errorMessage: findForm })

export const trailForm = 'one of subject, visitor, session, phone and email'
/** The same, or a handle that a search answered: whose trail in the audit chain is wanted. */
export const trailBody = Type.Object(
  { subject: Type.Optional(handle), ...given },
  { ...strict, minProperties: 1, errorMessage: trailForm },
)

const subjects = Type.Array(handle, {
  ...{ minItems: 1, maxItems: 64, uniqueItems: true },
  errorMessage: 'a list of 1 to 64 handles, each once',
})
export const subjectsBody = Type.Object({ subjects, purpose }, strict)
export const accessBody = Type.Object(
  {
    subjects,
    as: Type.Optional(Type.Enum(['html', 'text', 'json'], { errorMessage: 'html, text or json' })),
    purpose,
  },
  strict,
)
const modes = ['restricted', 'objected', 'lifted'] as const
export const restrictBody = Type.Object(
  { subjects, mode: Type.Enum(modes, { errorMessage: modes.join(', ') }), purpose },
  strict,
)
const ofCall = Type.Object(
  {
    carrier: idOf('a carrier'),
    call: idOf('a call'),
    /** The caller's number as it should be; null: it may not be known. */
    phone: Type.Union([phone, Type.Null()], { errorMessage: 'a phone number, or null' }),
    purpose,
  },
  strict,
)

const value = Type.Union([Type.String({ maxLength: limits.textCharsMax }), Type.Null()], {
  errorMessage: `a text of at most ${limits.textCharsMax} characters, or null`,
})
const ofValues = Type.Object(
  {
    subject: handle,
    /** A sealed field, such as `userAgent`, `title`, `ids.ga` or `fields.email`. */
    field: Type.String({
      pattern: '^(userAgent|url|referrer|searchPhrase|title|name|element|(ids|fields)\\..{1,128})$',
      errorMessage:
        'one of userAgent, url, referrer, searchPhrase, title, name, element, or ids.… or fields.… with a name',
    }),
    /** Only where this stands; left out: whatever stands there. */
    from: Type.Optional(value),
    /** null: it is taken out. */
    to: value,
    purpose,
  },
  strict,
)

/** The caller of a call, or a value that a person's events hold. */
export const rectifyBody = Type.Union([ofCall, ofValues])

/** Under which name the owner looks for them; null: it says none, several, or a number that is none. */
export function wantedName(
  body: Static<typeof trailBody>,
  { id: tenant, policy }: Pick<Tenant, 'id' | 'policy'>,
  pseudonyms: Pseudonyms,
): string | null {
  const { subject, visitor, session, phone, email } = body
  if ([subject, visitor, session, phone, email].filter(one => one !== undefined).length !== 1) return null
  if (subject !== undefined) return subject
  if (visitor !== undefined) return `v:${visitor}`
  if (session !== undefined) return `s:${session}`
  if (email !== undefined) return `e:${pseudonyms.ofEmail(tenant, email)}`
  const number = numberIn(phone ?? '', policy)
  return number === null ? null : `c:${pseudonyms.pseudonym(tenant, number)}`
}

/** A national number is one of the country of the tenant's own numbers, as in what visitors enter. */
export function numberIn(text: string, { targets }: Tenant['policy']): PhoneNumber | null {
  const own = targets[0]?.replace
  return parsePhoneNumber(text, own === undefined ? undefined : countryOf(own))
}
