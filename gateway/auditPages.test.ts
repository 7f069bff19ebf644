import { expect, test } from 'vitest'
import { limits } from '../core/limits.ts'
import { headLines, recordLines } from './auditPages.ts'

const most = limits.auditRecordsPerPage
const lines = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => `{"index":${from + at}}`)

/** Answers as the API does: a page at most, and of heads one more, which is signed for the answer. */
function apiOf(count: number) {
  const asked: string[] = []
  const ask = async (_method: 'GET' | 'POST', path: string) => {
    asked.push(path)
    const from = Number(path.split('from=')[1])
    const page = lines(from, Math.min(count, from + most))
    if (path.includes('/heads')) page.push(`{"index":${count - 1},"now":true}`)
    return page.map(line => `${line}\n`).join('')
  }
  return { asked, client: { ask } }
}

test.each([0, 1, most - 1, most, most + 1, 2 * most, 2 * most + 7])(
  '%i records are read once each',
  async count => {
    const { client } = apiOf(count)
    const read: string[] = []
    for await (const line of recordLines(client, '/v1', 0)) read.push(line)
    expect(read).toEqual(lines(0, count))
  },
)

test.each([1, most, most + 1, 3 * most + 7])(
  'of %i heads none is passed over, and one was signed now',
  async count => {
    const { client } = apiOf(count)
    const read = await headLines(client, '/v1')
    expect(read).toEqual([...lines(0, count), `{"index":${count - 1},"now":true}`])
  },
)
