import { isWithin } from './steps.ts'
import type { DrillReport, Step } from './drill.ts'

/** The report for people. */
export function reportText(report: DrillReport): string {
  const { rows, bytes, bytesAfter, keys, loads, steps, packs, ended, others, troubles } = report
  const gigabytes = (size: number) => `${(size / 2 ** 30).toFixed(2)} GB`
  return [
    `${rows} events of three tenants in ${gigabytes(bytes)}; acme has ${keys} keys. Load of the machine ${lowHigh(loads)}.`,
    '',
    ...steps.map(stepLine),
    '',
    ...packs.flatMap(({ name, compared }) => [
      `${name}:`,
      ...compared.map(one => {
        const { what, said, truth } = one
        const off = truth === 0 ? 0 : ((said.count - truth) / truth) * 100
        const verdict = isWithin(one) ? '' : ' WRONG'
        return `  ${what}: ${said.count} ± ${said.plusMinus}, truth ${truth} (${off.toFixed(3)} % off)${verdict}`
      }),
    ]),
    '',
    `From the entry that ended acme: keys gone after ${seconds(ended.keysGone)}, the old intake key after ${seconds(ended.intakeGone)}, rows after ${seconds(ended.rowsGone)}.`,
    ...report.certificate.map(sentence => `  ${sentence}`),
    ...others.map(({ tenant, before, after }) => {
      const verdict = before.sha256 === after.sha256 ? 'the same bytes as before' : 'NOT AS BEFORE'
      return `${tenant}: ${after.rows} events (${after.opened} opened), ${after.names} names: ${verdict}`
    }),
    `Written anew in ${seconds(report.compactedSeconds)}: ${gigabytes(bytesAfter)}.`,
    troubles.length === 0 ? 'Everything is as it has to be.' : `TROUBLES:\n${troubles.join('\n')}`,
    '',
  ].join('\n')
}

function stepLine({ name, seconds: took, calls, megabytes }: Step): string {
  const ms = (micros: number) => (micros / 1_000).toFixed(1)
  const { count, p50, p99, max } = calls
  return `${name}: ${seconds(took)}; ${count} calls of others p50 ${ms(p50)} ms, p99 ${ms(p99)} ms, max ${ms(max)} ms; memory ${megabytes} MB`
}

const seconds = (count: number) => `${count.toFixed(1)} s`

function lowHigh(loads: readonly number[]): string {
  return `${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`
}
