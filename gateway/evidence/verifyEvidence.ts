import type { Command } from 'commander'
import { type EvidenceVerified, verifyEvidence } from '../../config/evidence/verify.ts'
import { openPackage } from '../../config/export/readPackage.ts'
import { keysIn, keyWords } from '../givenFiles.ts'

/** `ringtrail evidence verify`: what was collected and a public key, no running system. */
export function addEvidenceVerify(evidence: Command): void {
  evidence
    .command('verify')
    .description(
      'compares every file of collected evidence with its manifest, and that with its signature, offline',
    )
    .requiredOption('--directory <dir>', 'what was collected')
    .requiredOption('--key <file or text>', keyWords)
    .action(async ({ directory, key }: { directory: string; key: string }) => {
      const verified = await verifyEvidence(await openPackage(directory), keysIn(key))
      const [isGenuine, says] = verdictOf(verified)
      ;(isGenuine ? process.stdout : process.stderr).write(`${says}\n`)
      if (!isGenuine) process.exitCode = 1
    })
}

function verdictOf({ manifest, sha256, signature, troubles }: EvidenceVerified): [boolean, string] {
  if (manifest === null || troubles.length > 0)
    return [false, troubles.map(({ file, says }) => `${file} ${says}.`).join('\n')]
  if (signature === null) {
    const found = `Its SHA-256 is ${sha256}: where the audit chain has that (evidence-made), it is what was collected.`
    return [false, `The files are what the manifest says, but it is not signed. ${found}`]
  }
  if (signature.kind === 'broken') return [false, `Not genuine. ${signature.says}`]
  if (signature.kind === 'unexpected-key') {
    const says = `The manifest is signed with key ${signature.keyId}, which is not the one expected: anybody may have made it.`
    return [false, says]
  }
  const of = manifest.tenants.map(tenant => tenant || 'the processor').join(', ')
  const whole = `Evidence of ${of} from ${manifest.from} to ${manifest.to}: ${manifest.kinds.length} files as the manifest says.`
  return [true, `${whole} Genuine: signed with key ${signature.keyId}, as expected.`]
}
