import { type Static, Type } from 'typebox'
import { type AdminDesk, jsonAnswer } from './adminDesk.ts'
import { type AdminRoute, type Asked, processorRoute } from './adminRoute.ts'
import { refusal } from './admission.ts'
import type { Answer } from './uws.ts'

const strict = { additionalProperties: false } as const

const applyBody = Type.Object(
  {
    file: Type.String({
      ...{ minLength: 1, maxLength: 4_096, pattern: '^/' },
      errorMessage: 'the absolute path of a file',
    }),
    again: Type.Optional(
      Type.Array(Type.String({ maxLength: 64, errorMessage: 'the id of a tenant' }), {
        ...{ maxItems: 1_000, errorMessage: 'ids of tenants' },
      }),
    ),
  },
  {
    ...strict,
    description:
      'The file that the process was started with, from the root of its machine; and tenants of it that are introduced anew, empty, though their contract ended: others that ended are left out.',
  },
)

/** As `configure.ts` has them. */
const became = Type.Union([
  Type.Literal('in force'),
  Type.Literal('changed'),
  Type.Literal('new'),
  Type.Literal('differs'),
  Type.Literal('ended'),
  Type.Literal('stopped'),
  Type.Literal('no answer'),
  Type.Literal('too long'),
])

export const appliedAnswer = Type.Object(
  {
    tenants: Type.Array(
      Type.Object(
        {
          tenant: Type.String(),
          became,
          isKnown: Type.Boolean(),
        },
        strict,
      ),
    ),
  },
  strict,
)

async function applyFile(
  { applying }: AdminDesk,
  { body, noteOf }: Asked & { readonly body: Static<typeof applyBody> },
): Promise<Answer> {
  if (applying === null) return refusal('applied-elsewhere')
  const { actor, role } = noteOf({ action: 'configured' })
  const applied = await applying(body.file, { by: { actor, role }, again: body.again ?? [] })
  return typeof applied === 'string' ? refusal(applied) : jsonAnswer(200, { tenants: applied })
}

export const applyRoutes: readonly AdminRoute[] = [
  processorRoute(applyBody, {
    ...{ method: 'POST', path: '/v1/apply', scope: 'configuration:write', answer: appliedAnswer },
    example: { file: '/etc/ringtrail/ringtrail.yaml' },
    says: 'Reads the configuration file of the running process again, and puts its tenants in force.',
    handle: applyFile,
  }),
]
