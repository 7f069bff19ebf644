import { Type } from 'typebox'
import { breachNatures, type BreachNature } from '../../core/breach.ts'
import { purposeText } from '../adminRoute.ts'

/** What is asked and answered about breaches. */
const strict = { additionalProperties: false } as const
const time = Type.String({ format: 'date-time' })
const count = Type.Integer({ minimum: 0 })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const moment = Type.String({ format: 'date-time', errorMessage: 'a time such as 2026-05-12T09:30:00Z' })
const id = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', errorMessage: 'the id of an access key' })
const some = <T extends Parameters<typeof Type.Array>[0]>(schema: T, of: string) =>
  Type.Array(schema, {
    ...{ minItems: 1, maxItems: 64, uniqueItems: true },
    errorMessage: `a list of 1 to 64 ${of}, each once`,
  })

const natures = Object.keys(breachNatures) as BreachNature[]

const opened = {
  nature: Type.Enum(natures, { errorMessage: `one of ${natures.join(', ')}` }),
  /** Of the records; left out: everything that is held. */
  from: Type.Optional(moment),
  /** Left out: until now. */
  to: Type.Optional(moment),
  /** Access keys whose doings are counted, by their ids. */
  actors: Type.Optional(some(id, 'ids of access keys')),
  /** When it became known; left out: now. The clock runs from here. */
  awareAt: Type.Optional(moment),
  reference: Type.Optional(purposeText),
}

const tenant = Type.String({ minLength: 1, maxLength: 64, errorMessage: 'the id of a tenant' })
const partition = Type.Integer({
  ...{ minimum: 0, maximum: 4_095 },
  errorMessage: 'the number of a partition, from 0 to 4095',
})

export const openBody = Type.Object(opened, strict)
export const openBodyOfProcessor = Type.Object(
  {
    ...opened,
    /** Left out: all. */
    tenants: Type.Optional(some(tenant, 'ids of tenants')),
    /** What a worker node owns. */
    partitions: Type.Optional(some(partition, 'numbers of partitions')),
  },
  strict,
)

export const phaseBody = Type.Object(
  { phase: Type.Enum([1, 2, 3], { errorMessage: '1, 2 or 3' }), reference: Type.Optional(purposeText) },
  strict,
)

const breach = {
  id: Type.String(),
  tenant: orNull(Type.String()),
  nature: Type.String(),
  reference: orNull(Type.String()),
  openedAt: time,
  awareAt: time,
  dueAt: time,
  leftMinutes: count,
  standing: Type.Enum(['clock-runs', 'overdue', 'told', 'closed']),
  nextPhase: orNull(Type.Integer()),
  phases: Type.Array(Type.Object({ phase: Type.Integer(), at: time, by: Type.String() }, strict)),
  packs: count,
  scope: Type.Object(
    {
      from: time,
      to: time,
      tenants: orNull(Type.Array(Type.String())),
      partitions: orNull(Type.Array(Type.Integer())),
      actors: orNull(Type.Array(Type.String())),
    },
    strict,
  ),
}
export const breachShown = Type.Object(breach, strict)
export const breachesListed = Type.Object({ breaches: Type.Array(breachShown) }, strict)

/** `ready` false: it is being counted, ask again. */
export const packAnswered = Type.Object(
  {
    ready: Type.Boolean(),
    read: count,
    controllers: Type.Array(
      Type.Object(
        { tenant: Type.String(), pack: Type.Record(Type.String(), Type.Unknown()), text: Type.String() },
        strict,
      ),
    ),
  },
  strict,
)
