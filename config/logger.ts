import { type DestinationStream, pino, type Logger as PinoLogger } from 'pino'

/** The one door to the log line. A line holds codes, counts and ids of machines; never anything of a visitor or caller. */
export type Logger = PinoLogger

/** `to`: left out, standard output. */
export function createLogger(level: string, to?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return to === undefined ? pino(options) : pino(options, to)
}

/** For who is about to end: a line is written before anything else happens. Others wait for the system, and may go with us. */
export function createLastLogger(level: string): Logger {
  return createLogger(level, pino.destination({ dest: 1, sync: true }))
}

/** What a line may say of an error. */
export type Cause = {
  readonly name: string
  readonly code?: string | number
  readonly stack?: readonly string[]
  readonly cause?: Cause
}

const framesMax = 12
const causesMax = 3

/**
 * An error as a line may say it: its name, its code and where it came from. Never its message, which may quote what a
 * visitor or caller sent; so each of the three is let through only in the form that code gives it.
 */
export function causeOf(error: unknown, causes = causesMax): Cause {
  if (!(error instanceof Error)) return { name: `thrown ${typeof error}` }
  const { code } = error as { code?: unknown }
  const stack = framesOf(error)
  return {
    name: /^[A-Za-z]\w{0,60}$/.test(error.name) ? error.name : 'Error',
    ...(isCode(code) && { code }),
    ...(stack.length > 0 && { stack }),
    ...(causes > 0 && error.cause instanceof Error && { cause: causeOf(error.cause, causes - 1) }),
  }
}

function isCode(code: unknown): code is string | number {
  if (typeof code === 'number') return Number.isInteger(code) && Math.abs(code) < 100_000
  return typeof code === 'string' && /^(?!.*\d{6})[A-Z0-9][A-Z0-9_]{0,40}$/.test(code)
}

/** `at name (file:line:column)`; a message with lines of its own stands before them and is cut off first. */
const frame = /^at ([\w.$<>[\]# ]+ \()?(file:\/\/|node:|\/)[\w./@:+%-]+:\d+:\d+\)?$/

function framesOf({ stack, message }: Error): readonly string[] {
  if (typeof stack !== 'string') return []
  const from = stack.indexOf(message)
  const lines = stack.slice(from < 0 ? 0 : from + message.length).split('\n')
  const frames = lines.map(line => line.trim()).filter(line => frame.test(line))
  return frames.slice(0, framesMax)
}
