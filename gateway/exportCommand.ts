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
    .option('--key <file or text>', `${keyWords}; left out: nothing is proven, only compared`)
    .action(verify)
  return command
}

async function verify(options: { package: string; key?: string }): Promise<void> {
  const expected = options.key === undefined ? null : keysIn(options.key)
  const verified = await verifyPackage(await openPackage(options.package), expected)
  if (verified.troubles.length > 0) {
    process.stderr.write(verified.troubles.map(({ file, says }) => `${file} ${says}.\n`).join(''))
    process.exitCode = 1
    return
  }
  const isGenuine = expected !== null
  process.stdout.write(
    `${summary(verified)}${isGenuine ? ` Genuine: signed with key ${verified.signedBy}, as expected.` : ''}\n`,
  )
  if (isGenuine) return
  process.stderr.write(`${unproven(verified)}\n`)
  process.exitCode = 1
}

function summary({ manifest }: Verified): string {
  const counts = Object.entries(manifest?.counts ?? {}).map(([kind, count]) => `${kind} ${count}`)
  return `The package is whole: ${manifest?.files.length} files as the manifest says (${counts.join(', ')}).`
}

/** Whoever has changed a package can make its sums fit: that they do proves nothing. */
function unproven({ signedBy }: Verified): string {
  return signedBy === null
    ? 'Not proven: it is not signed, and anybody may have made it.'
    : `Not proven: it is signed with key ${signedBy}; whether that is the right one, --key tells.`
}
