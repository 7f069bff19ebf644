import { causeOf, createLastLogger } from '../config/logger.ts'

/**
 * What nobody caught ends the process, and the log says where it came from. Node itself would print the message, which may
 * quote what a visitor or caller sent. The kernel ends us, and our nats-server with us: leaving in the middle of a write to
 * the stores can wait for ever. Nothing acknowledged is lost by it.
 */
export function endOnCrash(logLevel: string): void {
  process.once('uncaughtException', error => {
    createLastLogger(logLevel).fatal(causeOf(error), 'process_crashed')
    process.kill(process.pid, 'SIGKILL')
    // The first process of a container cannot kill itself.
    process.exit(1)
  })
}
