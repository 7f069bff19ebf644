import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { replay } from '../core/scenarios/replay.ts'

/** Tells every transcript of core/scenarios again and writes what follows now: look at the difference before you keep it. */
const folder = new URL('../core/scenarios/', import.meta.url)

for (const name of readdirSync(folder).filter(one => one.endsWith('.txt'))) {
  const file = new URL(name, folder)
  const before = readFileSync(file, 'utf8')
  const { text } = replay(before)
  if (text === before) continue
  writeFileSync(file, text)
  process.stdout.write(`${name} is told anew\n`)
}
