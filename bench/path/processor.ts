import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'

/** Processor time of a process tree so far, in microseconds, by the kernel's count (its ticks are 10 ms long). */
export type Processor = { readonly main: number; readonly children: number }

const tickMicros = 10_000

export function processorOf(pid: number): Processor {
  const children = childrenOf(pid)
  return { main: micros(pid), children: children.reduce((sum, child) => sum + micros(child), 0) }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

/** Fields 14 and 15 of proc_pid_stat(5), counted after the name, which may hold spaces. */
function micros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMicros
}

/** How busy the machine is by its own word, ours and everybody's: processes that run or want to, over the last minute. */
export function loadOfMachine(): number {
  return loadavg()[0] ?? 0
}
