import type { Entry, Input } from '../input.ts'
import { checkInvariants } from '../invariants.ts'
import { apply } from '../machine.ts'
import type { Outcome } from '../outcome.ts'
import { createState, type State } from '../state.ts'
import { restored } from '../story.ts'
import type { LogTime, SessionId } from '../words.ts'
import { began, durationOf, inputOf, policyOf } from './read.ts'
import { lineOf } from './say.ts'

export type Replayed = { readonly text: string; readonly outcomes: readonly Outcome[] }

/**
 * Tells a transcript again: every line that begins with `>` is replaced by what follows now. Invariants are checked after
 * each step. With `restarts` the state is stored and read back before each, which must not be seen.
 */
export function replay(text: string, restarts = false): Replayed {
  const teller = createTeller(restarts)
  const told: string[] = []
  const lines = text.split('\n').filter(line => !line.startsWith('>'))
  lines.forEach((line, place) => {
    told.push(line)
    // What belongs to a step stands indented below it.
    const isWhole = !lines[place + 1]?.startsWith('  ')
    if (line.startsWith('at ')) teller.begin(line)
    else if (line.startsWith('  ')) teller.add(line.trim())
    if (isWhole) for (const outcome of teller.finish()) told.push(...lineOf(outcome).map(one => `> ${one}`))
  })
  return { text: told.join('\n'), outcomes: teller.all }
}

type Step = { readonly at: number; readonly tenant: string; readonly text: string; readonly below: string[] }

function createTeller(restarts: boolean) {
  let state = createState()
  let step: Step | null = null
  const all: Outcome[] = []
  const log = createLog()
  return {
    all,
    begin: (line: string) => {
      const [, at = '', tenant = 'acme', text = ''] = /^at (\S+) (?:(\w+): )?(.+)$/.exec(line) ?? []
      step = { at: began + durationOf(at), tenant, text, below: [] }
    },
    add: (line: string) => step?.below.push(line),
    finish: (): Outcome[] => {
      if (step === null) return []
      if (restarts) state = restored(state)
      const outcomes = take(state, log, step)
      for (const outcome of outcomes) if (outcome.kind === 'session-opened') log.opened(outcome.visitor)
      checkInvariants(state)
      all.push(...outcomes)
      step = null
      return outcomes
    },
  }
}

type Log = ReturnType<typeof createLog>

function createLog() {
  let sequence = 0
  let last: Entry | null = null
  const sessions = new Map<string, number>()
  const entry = (input: Input, at: number, counter: number): Entry => {
    sequence += 1
    return { at: at as LogTime, sequence, index: 0, producer: 'gateway', counter, input }
  }
  return {
    next: (input: Input, at: number): Entry => {
      last = entry(input, at, (last?.counter ?? 0) + 1)
      return last
    },
    again: (at: number): Entry => {
      if (last === null) throw new Error('there was no message before')
      return entry(last.input, at, last.counter)
    },
    fresh: (who: string) => `${who}${(sessions.get(who) ?? 0) + 1}` as SessionId,
    opened: (who: string) => sessions.set(who, (sessions.get(who) ?? 0) + 1),
  }
}

function take(state: State, log: Log, { at, tenant, text, below }: Step): Outcome[] {
  if (text === 'the same message again') return apply(state, log.again(at))
  if (text === 'configure') {
    const policy = policyOf(tenant, below)
    return apply(state, log.next({ kind: 'configured', tenant, version: below.join(), policy }, at))
  }
  const input = inputOf(tenant, text, log.fresh)
  if (input === null) throw new Error(`not understood: ${text}`)
  return apply(state, log.next(input, at))
}
