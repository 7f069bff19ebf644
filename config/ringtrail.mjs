#!/usr/bin/env node
// Starts gateway/main.ts under a Node that can run it: this one if it is new enough, else the one that npm ci brought.
// Runs under Node 20 too, so it has no types.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = join(dirname(fileURLToPath(import.meta.url)), '..')
const brought = join(project, 'node_modules', '.bin', 'node')
const [major, minor] = process.versions.node.split('.').map(Number)
const isNewEnough = major > 24 || (major === 24 && minor >= 12)

if (!isNewEnough && !existsSync(brought)) {
  console.error(
    `ringtrail needs Node 24.12 or newer; this is ${process.versions.node}. Run npm ci, which brings one.`,
  )
  process.exit(1)
}

const node = isNewEnough ? process.execPath : brought
const child = spawn(node, [join(project, 'gateway', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})

for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
// A terminal sends Ctrl-C to both of us; passing it on would make it two, and the second means "at once".
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
child.on('error', error => {
  console.error(`ringtrail could not be started: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
