import Table from 'cli-table3'
import type { Price } from './measure.ts'
import type { Work } from './gatewayWork.ts'

const names: Readonly<Record<Work, string>> = {
  page: 'page view of a visit under way',
  click: 'click with a form, of a visit under way',
  hello: 'hello of a new visitor: a new key, wrapped',
  ring: 'ring of a new caller: a new key, wrapped',
}

/** What sealing costs the gateway in its own time, as people read it. */
export function priceText(prices: readonly Price[]): string {
  const style = { head: [], border: [] }
  const table = new Table({ head: ['', 'sealed', 'unsealed', 'more'], style })
  for (const { work, sealed, unsealed } of prices) {
    table.push([names[work], sealed.toFixed(1), unsealed.toFixed(1), (sealed - unsealed).toFixed(1)])
  }
  return `The gateway's own work for an event, frame to packed message (µs; medians of batches in turns)\n${table.toString()}`
}
