import type { ResultKind } from './result.ts'

/** Every NATS subject and stream, built and read here and nowhere else. Tenant ids are checked to be one token. */

const root = 'ringtrail.v1'

export const streams = { log: 'LOG', results: 'RESULTS' } as const

export const subjects = {
  log: (partition: number) => `${root}.log.${partition}`,
  everyLog: `${root}.log.*`,
  results: (tenant: string, kind: ResultKind) => `${root}.results.${tenant}.${kind}`,
  everyResult: `${root}.results.>`,
  /** What fills a stream's block, so that the block goes with its last entry: nobody follows it. */
  padding: (stream: string) => `${root}.padding.${stream}`,
  signals: (tenant: string) => `${root}.signals.${tenant}`,
  everySignal: `${root}.signals.*`,
  gateway: (id: string) => `${root}.gateway.${id}`,
  gatewayAcks: (id: string) => `${root}.acks.${id}`,
  control: (partition: number) => `${root}.control.${partition}`,
  questions: (partition: number) => `${root}.questions.${partition}`,
  positions: `${root}.control.positions`,
  intake: (partition: number) => `${root}.intake.${partition}`,
  rights: (partition: number) => `${root}.rights.${partition}`,
  terms: (partition: number) => `${root}.terms.${partition}`,
  everyRight: `${root}.rights.*`,
  everyTerm: `${root}.terms.*`,
  everyIntake: `${root}.intake.*`,
} as const
