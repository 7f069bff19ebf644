import { expect, test } from 'vitest'
import { createProgress } from './progress.ts'

function screenOf(isTTY: boolean) {
  const said: string[] = []
  const clock = { ms: 0 }
  const progress = createProgress({ isTTY, write: text => said.push(text) }, () => clock.ms)
  return { said, clock, progress }
}

test('at a terminal it stays on one line, and takes it away at the end', () => {
  const { said, clock, progress } = screenOf(true)
  progress.begin('reading')
  progress.at(0.1)
  clock.ms = 500
  progress.at(0.519)
  progress.end()
  expect(said).toEqual(['\rreading …', '\rreading … 51 %', `\r${' '.repeat(14)}\r`])
})

test('elsewhere it says a line now and then', () => {
  const { said, clock, progress } = screenOf(false)
  progress.begin('reading')
  for (clock.ms = 0; clock.ms <= 11_000; clock.ms += 100) progress.at(clock.ms / 20_000)
  progress.end()
  expect(said).toEqual(['reading …\n', 'reading … 25 %\n', 'reading … 50 %\n'])
})
