import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * A network of its own in which nothing but loopback leads anywhere, and every attempt to leave is counted: packets on a
 * veth pair that holds the default routes, packets that found no route, and questions to a resolver on loopback.
 * Runs inside `unshare -rn`.
 */

const gateway = '02:00:00:00:00:01'
const pair = ['link set lo up', 'link add out0 type veth peer name out1']
const four = ['addr add 10.99.0.2/24 dev out0', 'link set out0 up', 'link set out1 up'].concat(
  `neigh add 10.99.0.1 lladdr ${gateway} dev out0`,
  'route add default via 10.99.0.1',
)
const six = ['-6 addr add fd99::2/64 dev out0 nodad'].concat(
  `-6 neigh add fd99::1 lladdr ${gateway} dev out0`,
  '-6 route add default via fd99::1 dev out0',
)

/** Builds it. Throws where this process is not in a fresh namespace in which it may. */
export function buildNamespace(): void {
  run(pair)
  quietIpv6()
  run(four)
  if (existsSync(settings('out0'))) run(six)
}

function run(commands: readonly string[]): void {
  for (const command of commands) {
    const { status, stderr, error } = spawnSync('ip', command.split(' '), { encoding: 'utf8' })
    if (status !== 0) throw new Error(`ip ${command} (of iproute2) failed: ${stderr || String(error)}`)
  }
}

const settings = (end: string) => `/proc/sys/net/ipv6/conf/${end}`

/**
 * Only what somebody asks for is to be counted, so neither end looks for routers or takes an address by itself. That one
 * says into which groups it went cannot be turned off: those reports are taken out of the count.
 */
function quietIpv6(): void {
  if (!existsSync(settings('out0'))) return
  const quiet = { disable_ipv6: '0', router_solicitations: '0', accept_ra: '0', addr_gen_mode: '1' }
  for (const [name, value] of Object.entries(quiet)) writeFileSync(`${settings('out0')}/${name}`, value)
  writeFileSync(`${settings('out1')}/disable_ipv6`, '1')
}

/** What tried to leave since the namespace was made. */
export type Attempts = { readonly packets: number; readonly withoutRoute: number; readonly lookups: number }

export const totalOf = ({ packets, withoutRoute, lookups }: Attempts) => packets + withoutRoute + lookups

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
  return () => ({
    packets: packetsSent('out0') - sixCounter('Icmp6OutMLDv2Reports'),
    withoutRoute: withoutRoute(),
    lookups,
  })
}

/** The tenth figure after the name is how many were sent. */
function packetsSent(device: string): number {
  const line = read('net/dev').find(one => one.trim().startsWith(`${device}:`))
  return Number(line?.split(':')[1]?.trim().split(/\s+/)[9] ?? Number.NaN)
}

function withoutRoute(): number {
  const [names, values] = read('net/snmp').filter(line => line.startsWith('Ip:'))
  const at = names?.split(' ').indexOf('OutNoRoutes') ?? -1
  return Number(values?.split(' ')[at] ?? Number.NaN) + sixCounter('Ip6OutNoRoutes')
}

/** 0 where this kernel has no IPv6. */
function sixCounter(name: string): number {
  if (!existsSync('/proc/self/net/snmp6')) return 0
  const line = read('net/snmp6').find(one => one.split(/\s+/)[0] === name)
  return Number(line?.split(/\s+/)[1] ?? 0)
}

const read = (file: string) => readFileSync(`/proc/self/${file}`, 'utf8').split('\n')
