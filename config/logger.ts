import { pino, type Logger as PinoLogger } from 'pino'

/** The one door to the log line. A line holds codes, counts and ids of machines; never anything of a visitor or caller. */
export type Logger = PinoLogger

export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
  })
}
