import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * Who has a socket that leads away from loopback, and where to. The counters of the namespace are what decides; this says
 * whom to ask. A socket that lives for less than a look, or that names nobody before it sends, is counted there and not
 * seen here.
 */

const lookEveryMs = 20
const families = ['tcp', 'tcp6', 'udp', 'udp6'] as const

/** Looks until the process ends. Each line is a program and an address, once; a socket may outlive its program. */
export function watchSockets(): () => readonly string[] {
  const seen = new Map<string, Set<string>>()
  const look = () => {
    for (const { to, inode } of families.flatMap(outwardSockets)) {
      const programs = seen.get(to) ?? new Set()
      const owner = ownerOf(inode)
      if (owner !== null) programs.add(owner)
      seen.set(to, programs)
    }
  }
  setInterval(look, lookEveryMs).unref()
  return () => {
    look()
    return [...seen].flatMap(([to, programs]) =>
      (programs.size === 0 ? ['somebody'] : [...programs]).map(program => `${program} to ${to}`),
    )
  }
}

type Outward = { readonly to: string; readonly inode: string }

function outwardSockets(family: (typeof families)[number]): readonly Outward[] {
  return readFileSync(`/proc/self/net/${family}`, 'utf8')
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .flatMap(([, , remote, , , , , , , inode]) => {
      const to = remote === undefined ? null : outwardAddress(remote)
      return to === null ? [] : [{ to: `${family} ${to}`, inode: inode ?? '' }]
    })
}

/** `0101000A:0035` → `10.0.1.1:53`; null: nobody, or loopback. */
export function outwardAddress(written: string): string | null {
  const [hex = '', port = ''] = written.split(':')
  const words = hex.match(/.{8}/g) ?? []
  const bytes = words.flatMap(word => [...Buffer.from(word, 'hex')].reverse())
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255'
  const four = isMapped ? bytes.slice(12) : bytes
  if (four.length === 4)
    return four[0] === 127 || four.every(byte => byte === 0)
      ? null
      : `${four.join('.')}:${Number.parseInt(port, 16)}`
  if (bytes.slice(0, 15).every(byte => byte === 0)) return null
  const groups = (Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []).join(':')
  return `[${groups}]:${Number.parseInt(port, 16)}`
}

/** The program that holds a socket, and the first thing that it was told; null: nobody does any more. */
function ownerOf(inode: string): string | null {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  const owner = pids.find(pid => holds(pid, `socket:[${inode}]`))
  return owner === undefined ? null : programOf(owner)
}

function holds(pid: string, socket: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(fd => linkOf(`/proc/${pid}/fd/${fd}`) === socket)
  } catch {
    return false
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function programOf(pid: string): string | null {
  try {
    const [program = '', told] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/)
    return told ? `${basename(program)} ${basename(told)}` : basename(program)
  } catch {
    return null
  }
}
