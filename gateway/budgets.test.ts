import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBudgets } from './budgets.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const clock = () => performance.now()

function begun(budgetMs: number) {
  const late: string[] = []
  const budgets = createBudgets(budgetMs, clock)
  return { late, begin: (name: string) => budgets.begin(() => late.push(name)) }
}

test('each is late when its own time is up, once', () => {
  const { late, begin } = begun(200)
  begin('first')
  vi.advanceTimersByTime(150)
  begin('second')
  vi.advanceTimersByTime(49)
  expect(late).toEqual([])
  vi.advanceTimersByTime(1)
  expect(late).toEqual(['first'])
  vi.advanceTimersByTime(149)
  expect(late).toEqual(['first'])
  vi.advanceTimersByTime(1_000)
  expect(late).toEqual(['first', 'second'])
})

test('what was taken back is never late, and does not hold up what came after it', () => {
  const { late, begin } = begun(200)
  const end = begin('first')
  vi.advanceTimersByTime(10)
  begin('second')
  end()
  vi.advanceTimersByTime(210)
  expect(late).toEqual(['second'])
})

test('all share one timer, and none is left when nothing waits', () => {
  const { begin } = begun(200)
  const ends = ['first', 'second', 'third'].map(begin)
  expect(vi.getTimerCount()).toBe(1)
  for (const end of ends) end()
  vi.advanceTimersByTime(200)
  expect(vi.getTimerCount()).toBe(0)
})

test('one that begins while another is told that it is late gets its whole time', () => {
  const late: string[] = []
  const budgets = createBudgets(200, clock)
  budgets.begin(() => budgets.begin(() => late.push('again')))
  vi.advanceTimersByTime(10)
  budgets.begin(() => late.push('second'))
  vi.advanceTimersByTime(200)
  expect(late).toEqual(['second'])
  vi.advanceTimersByTime(189)
  expect(late).toEqual(['second'])
  vi.advanceTimersByTime(1)
  expect(late).toEqual(['second', 'again'])
})
