import { Type } from 'typebox'
import { type AdminRoute, tenantRoute } from '../adminRoute.ts'
import {
  accessSubjects,
  eraseSubjects,
  exportSubjects,
  findSubjects,
  rectifySubject,
  restrictSubjects,
} from './handlers.ts'
import { receipt, receiptAnswer } from './receipts.ts'
import { accessBody, findBody, rectifyBody, restrictBody, subjectsBody } from './subjects.ts'

const path = '/v1/tenants/{tenant}/subjects'
const method = 'POST' as const
const example = { subjects: ['v:3q2-7wAAAAAAAAAAAAAAAA'], purpose: 'ticket 4713' }
const time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])

const foundAnswer = Type.Object({
  request: Type.String(),
  subjects: Type.Array(
    Type.Object({
      subject: Type.String(),
      by: Type.Enum(['name', 'session', 'entered', 'call']),
      sessions: Type.Integer(),
      events: Type.Integer(),
      calls: Type.Integer(),
      firstAt: time,
      lastAt: time,
      restriction: Type.Union([
        Type.Object({
          mode: Type.Enum(['restricted', 'objected']),
          since: Type.String({ format: 'date-time' }),
        }),
        Type.Null(),
      ]),
    }),
  ),
})
const inForce = Type.Object({
  request: Type.String(),
  inForceAt: Type.String({ format: 'date-time' }),
  /** Those of the handles; null: it is not known just now. */
  nothingHeldUnder: Type.Union([Type.Array(Type.String()), Type.Null()]),
})

/** The rights of persons. Who is meant travels in bodies, never in addresses. */
export const subjectRoutes: readonly AdminRoute[] = [
  tenantRoute(findBody, {
    ...{ method, path: `${path}/find`, scope: 'subjects:find', personal: true, answer: foundAnswer },
    ...{ example: { phone: '+45 20 30 40 50', purpose: 'ticket 4713' } },
    says: 'Finds out whose data is held, by what the person gave: handles, counts and times, no values.',
    handle: findSubjects,
  }),
  tenantRoute(accessBody, {
    ...{ method, path: `${path}/access`, scope: 'subjects:read', personal: true, answer: Type.Unknown() },
    ...{
      example: { ...example, as: 'html' },
      says: 'The report of Article 15: all that is held, for people.',
    },
    handle: accessSubjects,
  }),
  tenantRoute(subjectsBody, {
    ...{ method, path: `${path}/export`, scope: 'subjects:read', personal: true, answer: Type.Unknown() },
    ...{ example, says: 'The package of Article 20: all that is held, for machines, as a ZIP.' },
    handle: exportSubjects,
  }),
  tenantRoute(rectifyBody, {
    ...{ method, path: `${path}/rectify`, scope: 'subjects:correct', personal: true, answer: inForce },
    ...{ example: { carrier: 'generic', call: 'c-1', phone: '+45 20 30 40 51', purpose: 'ticket 4714' } },
    says: 'Puts a value right: the caller of a call, with all that was concluded from it, or what events hold.',
    handle: rectifySubject,
  }),
  tenantRoute(restrictBody, {
    ...{ method, path: `${path}/restrict`, scope: 'subjects:restrict', answer: inForce },
    ...{ example: { ...example, mode: 'restricted' } },
    says: 'Restricts the use of a person’s data, takes an objection, or lifts either.',
    handle: restrictSubjects,
  }),
  tenantRoute(subjectsBody, {
    ...{ method, path: `${path}/erase`, scope: 'subjects:erase', answer: inForce, example },
    says: 'Erases people. From the answer on nothing uses their data; the receipt says how far it has come.',
    handle: eraseSubjects,
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: '/v1/tenants/{tenant}/erasures/{request}', scope: 'subjects:erase' },
    ...{ answer: receiptAnswer, example: null },
    says: 'The signed receipt of an erasure, as of now.',
    handle: receipt,
  }),
]
