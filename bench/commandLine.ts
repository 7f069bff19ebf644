import { parseArgs, type ParseArgsConfig } from 'node:util'

/**
 * What a command of the bench was asked for. `--help` prints its usage and ends with 0; an option that it does not know, or one
 * without its value, is one sentence and ends with 2.
 */
export function readOptions<Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  if (process.argv.slice(2).some(word => word === '--help' || word === '-h')) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  try {
    return parseArgs(config)
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')) throw error
    // What Node says besides, after the first sentence, is about arguments that begin with a dash.
    const [says] = (error as Error).message.split(/\.\s/)
    process.stderr.write(`${says?.replace(/\.?$/, '.')} Usage: ${usage}\n`)
    return process.exit(2)
  }
}
