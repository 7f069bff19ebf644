import { readFileSync } from 'node:fs'
import type { ProblemCode } from '../../core/problems.ts'
import type {
  CarrierAnswers,
  CarrierRequest,
  CarrierResponse,
  CarrierSecrets,
  Refused,
  Translation,
} from './carrier.ts'
import { isRefused } from './carrier.ts'

/** One recorded request, what it is worth, what it means, and what it is answered. For tests. */
export type Recording = {
  readonly name: string
  readonly request: CarrierRequest
  readonly verify: ProblemCode | null
  readonly translate: Translation | Refused | null
  readonly answers: CarrierAnswers | null
  readonly response: CarrierResponse | null
}

export type Recordings = { readonly secrets: CarrierSecrets; readonly all: readonly Recording[] }

type OnDisk = {
  readonly receivedAt: number
  readonly secrets: CarrierSecrets
  readonly requests: Record<string, RecordedOnDisk>
}
type RecordedOnDisk = {
  readonly request: { method: string; url: string; headers: Record<string, string>; body: string }
  readonly verify: ProblemCode | null
  readonly translate?: Translation | Refused
  readonly answers?: Refused | Extract<CarrierAnswers, { array: boolean }>['answers']
  readonly response?: CarrierResponse
}

/** The recordings of one carrier, from `fixtures/{carrier}.json`. */
export function recordingsOf(carrier: string): Recordings {
  const file = new URL(`fixtures/${carrier}.json`, import.meta.url)
  const { receivedAt, secrets, requests } = JSON.parse(readFileSync(file, 'utf8')) as OnDisk
  const all = Object.entries(requests).map(([name, recorded]) => toRecording(name, recorded, receivedAt))
  return { secrets, all }
}

function toRecording(name: string, recorded: RecordedOnDisk, receivedAt: number): Recording {
  const { method, url, headers, body } = recorded.request
  const translate = recorded.translate ?? null
  return {
    name,
    request: {
      method,
      url,
      query: url.split('?').slice(1).join('?'),
      headers: new Map(Object.entries(headers)),
      body: Buffer.from(body, 'utf8'),
      receivedAt,
    },
    verify: recorded.verify,
    translate,
    answers: toAnswers(recorded.answers, translate),
    response: recorded.response ?? null,
  }
}

function toAnswers(
  answers: RecordedOnDisk['answers'],
  translate: Translation | Refused | null,
): CarrierAnswers | null {
  if (answers === undefined) return null
  if (!Array.isArray(answers)) return answers as Refused
  return { array: translate !== null && !isRefused(translate) && translate.array, answers }
}
