import { afterAll, expect, test } from 'vitest'
import { drill } from '../breach/drill.ts'
import { reportText } from '../breach/report.ts'
import { isWithin } from '../breach/steps.ts'
import { temporaryFolder } from '../system.ts'

// `npm run breach-drill` with few events: it may not rot until somebody runs it with ten million.

const folder = temporaryFolder()
afterAll(folder.remove)

test('the drill counts what is there, ends a contract, and finds the others as they were', async () => {
  const setup = { rows: 20_000, folder: folder.path, calmSeconds: 1, say: () => undefined }
  const report = await drill(setup)
  expect(report.troubles).toEqual([])
  expect(report.packs).toHaveLength(5)
  for (const { compared } of report.packs) expect(compared.every(isWithin)).toBe(true)
  expect(
    report.others.every(({ before, after }) => before.opened > 50 && after.opened === before.opened),
  ).toBe(true)
  const { rowsGone, keysGone, intakeGone } = report.ended
  expect([keysGone, rowsGone - keysGone, intakeGone - keysGone].every(seconds => seconds > 0)).toBe(true)
  const text = reportText(report)
  expect(text).toContain('other: ')
  expect(text).toContain('Everything is as it has to be.')
})
