import { findChromium, noChromium } from './chromium.ts'
import { findNatsServer } from './natsServer.ts'

/** Runs once before all tests, so that those which start a nats-server do not each fetch one. */
export default async function fetchOnce(): Promise<void> {
  await findNatsServer()
  if (findChromium() === null) process.stderr.write(`${noChromium}\n`)
}
