import type { System } from '../system.ts'
import { canaries } from './canaries.ts'
import type { Ear } from './ear.ts'

/** Everything that a process says to whoever watches it. */
export async function listenToMonitors({ adminPort, publicPort }: System, ear: Ear): Promise<void> {
  for (const path of ['/metrics', '/readyz', '/livez', '/console', `/${canaries.call}`])
    await ear.ask(`admin ${path.split('/')[1]}`, { port: adminPort, path })
  if (publicPort === undefined) return
  for (const path of ['/healthz', '/v1/snippet.js', '/demo/']) await ear.ask(path, { port: publicPort, path })
}
