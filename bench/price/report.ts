import Table from 'cli-table3'
import type { PathPrice } from './doors.ts'
import type { Price } from './measure.ts'
import type { Work } from './gatewayWork.ts'

const names: Readonly<Record<Work, string>> = {
  page: 'page view of a visit under way',
  click: 'click with a form, of a visit under way',
  hello: 'hello of a new visitor: a new key, wrapped',
  ring: 'ring of a new caller: a new key, wrapped',
}

/** What sealing costs the gateway in processor time, as people read it. */
export function priceText(prices: readonly Price[]): string {
  const style = { head: [], border: [] }
  const table = new Table({ head: ['', 'sealed', 'unsealed', 'more'], style })
  for (const { work, sealed, unsealed } of prices) {
    table.push([names[work], sealed.toFixed(1), unsealed.toFixed(1), (sealed - unsealed).toFixed(1)])
  }
  return `The gateway's own work for an event, frame to packed message (processor time in µs; means of batches in turns)\n${table.toString()}`
}

const target = 1.15

const waits: Readonly<Record<PathPrice['what'], string>> = {
  page: 'page view, frame in to acknowledgement',
  hello: "new visitor's hello to the welcome",
  ring: "new caller's ring to the answer",
}

/** What sealing costs whoever waits, as people read it. */
export function doorsText(doors: readonly PathPrice[]): string {
  const style = { head: [], border: [] }
  const head = ['', 'sealed p50', 'unsealed p50', 'ratio', `target ≤ ${target}`, 'ratio of p99']
  const table = new Table({ head, style })
  for (const { what, sealed, unsealed, ratio } of doors) {
    const range = `${ratio.p50.toFixed(2)} (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`
    const verdict = ratio.p50 <= target ? 'met' : 'not met'
    const p50 = [sealed.p50.toFixed(0), unsealed.p50.toFixed(0), range, verdict]
    table.push([waits[what], ...p50, ratio.p99.toFixed(2)])
  }
  return `The price of sealing, socket in to socket out, one at a time by two doors of one system (µs; medians of rounds)\n${table.toString()}`
}
