import { expect, test } from 'vitest'
import { createChance } from '../load/chance.ts'
import { openGatewayWork, works } from './gatewayWork.ts'
import { measurePrice } from './measure.ts'
import { priceText } from './report.ts'

test('both sides do the same work, and only one of them hides what was entered', async () => {
  const bench = await openGatewayWork()
  for (const turn of [1, 2]) {
    const [sealed, unsealed] = [bench.sealed, bench.unsealed].map(side =>
      Buffer.from(side.click(turn)).toString('latin1'),
    )
    expect(unsealed).toContain('anna@mail.example')
    expect(sealed).not.toContain('anna@mail.example')
  }
  bench.stop()
})

test('the price of sealing is measured for every kind of event', async () => {
  const prices = await measurePrice({ batches: 3, perBatch: 5, warmUp: 10 }, createChance(1))
  expect(prices.map(({ work }) => work)).toEqual(works)
  for (const { sealed, unsealed } of prices) expect(Math.min(sealed, unsealed)).toBeGreaterThanOrEqual(0)
  expect(priceText(prices)).toContain('ring of a new caller')
})
