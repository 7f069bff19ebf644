import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '../commandLine.ts'
import { drill } from './drill.ts'
import { reportText } from './report.ts'

/**
 * `npm run breach-drill`: a system with ten million events whose truth is known; what a breach of it reaches, and the end
 * of the contract of its largest tenant, while calls of another one ring. It leaves nothing.
 */
const { values } = readOptions('npm run breach-drill -- [--rows N] [--dir FOLDER] [--json]', {
  options: {
    rows: { type: 'string', default: '10000000' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
})

// What was started here ends with us, however we end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const began = performance.now()
const say = (line: string) => {
  process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}\n`)
}

const folder = mkdtempSync(join(values.dir, 'ringtrail-breach-drill-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const report = await drill({ rows: Number(values.rows), folder, calmSeconds: 20, say })
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : reportText(report))
process.exit(report.troubles.length > 0 ? 1 : 0)
