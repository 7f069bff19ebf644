import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * A network of its own in which nothing but loopback leads anywhere, and every attempt to leave is counted: packets on a
 * veth pair that holds the default route, packets that found no route, and questions to a resolver on loopback.
 * Runs inside `unshare -rn`.
 */

const outside = '10.99.0.1'
const commands = [
  'link set lo up',
  'link add out0 type veth peer name out1',
  // Only what somebody asks for is to be counted, so neither end looks for routers or neighbours by itself.
  'addr add 10.99.0.2/24 dev out0',
  'link set out0 up',
  'link set out1 up',
  `neigh add ${outside} lladdr 02:00:00:00:00:01 dev out0`,
  `route add default via ${outside}`,
]

/** Builds it. Throws where this process is not in a fresh namespace in which it may. */
export function buildNamespace(): void {
  for (const command of commands) {
    if (command === 'link set out0 up') quietIpv6()
    const { status, stderr, error } = spawnSync('ip', command.split(' '), { encoding: 'utf8' })
    if (status !== 0) throw new Error(`ip ${command} (of iproute2) failed: ${stderr || String(error)}`)
  }
}

/** Without addresses of its own the pair sends no neighbour discovery; IPv6 attempts are counted as without a route. */
function quietIpv6(): void {
  for (const end of ['out0', 'out1']) {
    const setting = `/proc/sys/net/ipv6/conf/${end}/disable_ipv6`
    if (existsSync(setting)) writeFileSync(setting, '1')
  }
}

/** What tried to leave since the namespace was made. */
export type Attempts = { readonly packets: number; readonly withoutRoute: number; readonly lookups: number }

/** Counts until the process ends. A resolver on loopback would ask outside for us: its questions are counted too. */
export async function countAttempts(): Promise<() => Attempts> {
  let lookups = 0
  const trap = createSocket('udp4', () => {
    lookups += 1
  })
  await new Promise<void>((resolve, reject) => {
    trap.once('error', reject)
    trap.bind(53, '0.0.0.0', resolve)
  })
  trap.unref()
  return () => ({ packets: packetsSent('out0'), withoutRoute: withoutRoute(), lookups })
}

/** The tenth figure after the name is how many were sent. */
function packetsSent(device: string): number {
  const line = read('net/dev').find(one => one.trim().startsWith(`${device}:`))
  return Number(line?.split(':')[1]?.trim().split(/\s+/)[9] ?? Number.NaN)
}

function withoutRoute(): number {
  const [names, values] = read('net/snmp').filter(line => line.startsWith('Ip:'))
  const at = names?.split(' ').indexOf('OutNoRoutes') ?? -1
  const six = read('net/snmp6').find(line => line.startsWith('Ip6OutNoRoutes'))
  return Number(values?.split(' ')[at] ?? Number.NaN) + Number(six?.split(/\s+/)[1] ?? 0)
}

const read = (file: string) => readFileSync(`/proc/self/${file}`, 'utf8').split('\n')
