import { type Found, findProgram, type Places, type Program, usualPlaces } from './program.ts'

/** The log. 2.9 lacks consumers with several filters and `sync_interval: always`. */
const natsServer: Program = {
  name: 'nats-server',
  least: '2.10.0',
  debian: { name: 'nats-server', suite: 'trixie', path: 'usr/sbin/nats-server' },
  help:
    'Put one on PATH (https://github.com/nats-io/nats-server/releases; Debian 13 and Ubuntu 24.04: the package ' +
    'nats-server), or set nats.url in the configuration to a server that runs elsewhere.',
}

/** The usual places for one whose connections are declared: what is not there is not fetched. */
export function withoutFetching(): Places {
  const refuse = async () => {
    throw new Error('the configuration has an egress section, and Debian’s servers are no peer of it')
  }
  return { ...usualPlaces(), fetch: refuse, say: () => undefined }
}

/**
 * Finds nats-server ≥ 2.10, or fetches it into `.runtime/` once. Throws an Error whose message says what to do.
 * The path is absolute where PATH is.
 */
export async function findNatsServer(places?: Places): Promise<Found> {
  return findProgram(natsServer, places)
}
