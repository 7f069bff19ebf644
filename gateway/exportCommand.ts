import type { Command } from 'commander'
import { openPackage, type Verified, verifyPackage } from '../config/export/readPackage.ts'
import { keysIn, keyWords } from './givenFiles.ts'

/** Adds what can be done with a package that was exported, by whoever holds it: it needs no server. */
export function addExportCommand(program: Command): Command {
  const command = program.command('export').description('packages of exported records')
  command
    .command('verify')
    .description('compares every file of a package with its manifest, and that with its signature, offline')
    .requiredOption('--package <path>', 'the directory or ZIP')
    .option('--key <file or text>', `${keyWords}; left out: it may be signed by anybody, or not at all`)
    .action(verify)
  return command
}

async function verify(options: { package: string; key?: string }): Promise<void> {
  const expected = options.key === undefined ? null : keysIn(options.key)
  const verified = await verifyPackage(await openPackage(options.package), expected)
  if (verified.troubles.length === 0) {
    process.stdout.write(`${summary(verified, expected !== null)}\n`)
    return
  }
  process.stderr.write(verified.troubles.map(({ file, says }) => `${file} ${says}.\n`).join(''))
  process.exitCode = 1
}

function summary({ manifest, signedBy }: Verified, isExpected: boolean): string {
  const counts = Object.entries(manifest?.counts ?? {}).map(([kind, count]) => `${kind} ${count}`)
  const whole = `The package is whole: ${manifest?.files.length} files as the manifest says (${counts.join(', ')}).`
  if (signedBy === null) return `${whole} It is not signed: anybody may have made it.`
  return isExpected
    ? `${whole} Genuine: signed with key ${signedBy}, as expected.`
    : `${whole} It is signed with key ${signedBy}; whose that is, --key tells.`
}
