import type { Config } from '../config/config.ts'
import type { App } from './uws.ts'

/** The snippet, and the demo site where the configuration is the demo's. */
export function addPages(_app: App, _config: Config, _broke: (error: Error) => void): void {}
