import { createPublicKey, verify } from 'node:crypto'
import type { Command } from 'commander'
import type { Signature } from '../config/export/manifest.ts'
import { openPackage, type Verified, verifyPackage } from '../config/export/readPackage.ts'

/** Adds what can be done with a package that was exported, by whoever holds it: it needs no server. */
export function addExportCommand(program: Command): Command {
  const command = program.command('export').description('packages of exported records')
  command
    .command('verify')
    .description('compares every file of a package with its manifest, offline')
    .requiredOption('--package <path>', 'the directory or ZIP')
    .option('--key <key>', 'the public key that must have signed it, base64url')
    .action(async (options: { package: string; key?: string }) => {
      const verified = await verifyPackage(await openPackage(options.package), isSignedBy(options.key))
      const troubles = troublesOf(verified, options.key)
      if (troubles.length === 0) {
        process.stdout.write(`${summary(verified)}\n`)
        return
      }
      process.stderr.write(`${troubles.join('\n')}\n`)
      process.exitCode = 1
    })
  return command
}

function troublesOf({ troubles, signature }: Verified, key: string | undefined): string[] {
  const said = troubles.map(({ file, says }) => `${file} ${says}.`)
  if (said.length === 0 && key !== undefined && signature === null) said.push('The package is not signed.')
  return said
}

function summary({ manifest, signature }: Verified): string {
  const counts = Object.entries(manifest?.counts ?? {}).map(([kind, count]) => `${kind} ${count}`)
  const signed = signature === null ? 'It is not signed.' : `It is signed with the key ${signature.key}.`
  return `The package is whole: ${manifest?.files.length} files as the manifest says (${counts.join(', ')}). ${signed}`
}

/** Ed25519 over the manifest's bytes; with a key given, by that key alone. */
function isSignedBy(key: string | undefined): (manifest: Uint8Array, signature: Signature) => boolean {
  return (manifest, signature) => {
    if (key !== undefined && signature.key !== key) return false
    try {
      const publicKey = createPublicKey({
        key: { kty: 'OKP', crv: 'Ed25519', x: signature.key },
        format: 'jwk',
      })
      return verify(null, manifest, publicKey, Buffer.from(signature.signature, 'base64url'))
    } catch {
      return false
    }
  }
}
