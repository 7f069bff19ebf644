import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import type { Ear } from './ear.ts'

/**
 * Asks a process on a connection that is open already, while it can open no file any more: the kernel refuses the next
 * number, as where all are in use. What it answers is heard.
 */
export async function askWithoutFiles(pid: number, port: number, path: string, ear: Ear): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      const asked = request({ agent, host: '127.0.0.1', port, path }, answer => {
        let text = ''
        answer.on('data', chunk => {
          text += String(chunk)
        })
        answer.once('end', () => {
          ear.add(`${answer.statusCode} of ${path}`, text)
          resolve(answer.statusCode ?? 0)
        })
      })
      asked.once('error', reject)
      asked.end()
    })
  await ask()
  const [, soft = ''] = /Max open files\s+(\S+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? []
  limit(pid, String(lowestUnused(pid)))
  try {
    return await ask()
  } finally {
    limit(pid, soft)
    agent.destroy()
  }
}

function limit(pid: number, files: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`])
}

function lowestUnused(pid: number): number {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number))
  let unused = 0
  while (used.has(unused)) unused += 1
  return unused
}
