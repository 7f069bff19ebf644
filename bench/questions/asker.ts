import { creditModels } from '../../core/credit.ts'
import { dimensions } from '../../core/shownCall.ts'

/**
 * Who asks, in a process of its own, as on another machine: told by its parent what to ask, it says how long each answer took.
 */
export type Ask =
  | { readonly kind: 'begin'; readonly port: number; readonly key: string; readonly everyMs: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'stream'; readonly port: number; readonly key: string }
export type Asked =
  | { readonly kind: 'asked'; readonly reportsMs: readonly number[]; readonly pagesMs: readonly number[] }
  | { readonly kind: 'streamed'; readonly ms: number; readonly rows: number; readonly bytes: number }

const paths = (function* () {
  for (let turn = 0; ; turn++) {
    const by = dimensions[turn % dimensions.length]
    const model = creditModels[turn % creditModels.length]
    yield { of: 'report', path: `report?by=${by}&model=${model}` } as const
    yield { of: 'page', path: `calls?campaign=campaign-${turn % 200}&outcome=answered&limit=100` } as const
    yield { of: 'page', path: `calls?minConfidence=0.9&medium=organic&limit=100` } as const
    yield { of: 'report', path: `report?by=${by},source&model=${model}&daily=true&limit=1000` } as const
    yield { of: 'page', path: 'calls?kind=none&limit=50' } as const
  }
})()

let isAsking = false

async function ask({ port, key, everyMs }: Extract<Ask, { kind: 'begin' }>): Promise<void> {
  const took: { report: number[]; page: number[] } = { report: [], page: [] }
  isAsking = true
  while (isAsking) {
    const { of, path } = paths.next().value as { of: 'report' | 'page'; path: string }
    const began = performance.now()
    const answer = await fetch(addressOf(port, path), { headers: { authorization: `Bearer ${key}` } })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(text)
    took[of].push(performance.now() - began)
    await new Promise(resolve => setTimeout(resolve, Math.max(0, everyMs - (performance.now() - began))))
  }
  tell({ kind: 'asked', reportsMs: took.report, pagesMs: took.page })
}

async function stream({ port, key }: Extract<Ask, { kind: 'stream' }>): Promise<void> {
  const began = performance.now()
  const headers = { authorization: `Bearer ${key}`, accept: 'text/csv' }
  const answer = await fetch(addressOf(port, 'calls'), { headers })
  let [rows, bytes] = [-1, 0]
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    for (const byte of chunk) if (byte === 10) rows += 1
  }
  tell({ kind: 'streamed', ms: performance.now() - began, rows, bytes })
}

const addressOf = (port: number, path: string) => `http://127.0.0.1:${port}/v1/tenants/bench/${path}`
const tell = (asked: Asked) => process.send?.(asked)

process.on('message', (message: Ask) => {
  if (message.kind === 'begin') void ask(message)
  else if (message.kind === 'stream') void stream(message)
  else isAsking = false
})
