import { expect, test, vi } from 'vitest'
import { sharedFor } from './owners.ts'

test('however many ask, there is one question under way, and its answer holds for a while', async () => {
  vi.useFakeTimers()
  try {
    const ask = vi.fn(async (count: number) => count)
    const shared = sharedFor(500, ask)
    expect(await Promise.all([shared(16), shared(16), shared(16)])).toEqual([16, 16, 16])
    await vi.advanceTimersByTimeAsync(499)
    await shared(16)
    expect(ask).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    await shared(16)
    expect(ask).toHaveBeenCalledTimes(2)
  } finally {
    vi.useRealTimers()
  }
})

test('a question that failed is asked again', async () => {
  const ask = vi.fn(() => Promise.reject(new Error('nobody is there')))
  const shared = sharedFor(500, ask)
  await expect(shared(1)).rejects.toThrow()
  await expect(shared(1)).rejects.toThrow()
  expect(ask).toHaveBeenCalledTimes(2)
})
