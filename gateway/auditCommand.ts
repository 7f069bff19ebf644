import type { Command } from 'commander'
import { examineChain, type Verdict } from '../config/auditVerify.ts'
import { counted } from '../config/counted.ts'
import { linesOf } from '../config/jsonLines.ts'
import { receiptSentences, type ReceiptVerdict, verifyReceipt } from '../config/receipts.ts'
import { restorationsIn } from '../config/restorations.ts'
import type { SignedHead } from '../config/signedHead.ts'
import { jsonIn, keysIn, keyWords, unreadable } from './givenFiles.ts'

export type AuditCommands = { readonly audit: Command; readonly receipt: Command }

/**
 * `ringtrail audit verify` and `ringtrail receipt verify`: files and a public key, no running system and no network. Gives
 * the two words, for what is asked of a running one under them.
 */
export function addAuditCommands(program: Command): AuditCommands {
  const audit = program.command('audit').description('what was done to personal data')
  const receipt = program.command('receipt').description('what proves that data is gone')
  audit
    .command('verify')
    .description('verifies a chain of audit records, offline')
    .requiredOption('--records <file>', 'the records, one a line (JSON Lines), from the first on')
    .requiredOption('--heads <file>', 'the signed heads, one a line')
    .requiredOption('--key <file or text>', keyWords)
    .option('--anchors <file>', 'heads that were kept outside; those of other tenants are passed over')
    .action(verifyAudit)
  receipt
    .command('verify')
    .description('verifies an erasure receipt or a deletion certificate, offline, and says what is in it')
    .requiredOption('--receipt <file>', 'the receipt (JSON)')
    .requiredOption('--key <file or text>', keyWords)
    .action(showReceipt)
  return { audit, receipt }
}

type AuditFiles = {
  readonly records: string
  readonly heads: string
  readonly key: string
  readonly anchors?: string
}

async function verifyAudit({ records, heads, key, anchors }: AuditFiles): Promise<void> {
  const publicKeys = keysIn(key)
  const anchorLines = anchors === undefined ? [] : linesOf(anchors)
  const restorations = await restorationsIn(linesOf(records)).catch(unreadable)
  const given = { records: linesOf(records), heads: linesOf(heads), anchors: anchorLines, publicKeys }
  const verdict = await examineChain({ ...given, restorations }).catch(unreadable)
  if (verdict.trouble === null) {
    process.stdout.write(`${wholeLine(verdict)}\n`)
    return
  }
  process.stderr.write(`record ${verdict.trouble.index} ${verdict.trouble.says}\n`)
  process.exitCode = 1
}

function wholeLine({ records, head, anchor, unreadableAnchors, restored }: Verdict): string {
  const last = records - 1
  const signed = head === null ? 'no signed head' : `signed head ${shown(head)}`
  const proven = Math.max(head?.index ?? -1, anchor?.index ?? -1)
  const parts = [
    `${records} records, chain whole up to index ${last}, ${signed}`,
    anchor === null ? 'no anchor' : `anchor ${shown(anchor)}`,
  ]
  if (proven < last) parts.push(unsignedWords(proven + 1, last))
  for (const one of restored) if (one.index <= proven) parts.push(restoredWords(one))
  if (unreadableAnchors > 0) parts.push(`${unreadableAnchors} lines of the anchors could not be read`)
  return parts.join('; ')
}

function restoredWords({ foundAt, until, from, before, headsLost }: Verdict['restored'][number]): string {
  const [at, of] = [foundAt, until].map(ms => new Date(ms).toISOString())
  const put = `restored from a copy at ${at}, with data up to ${of}`
  if (before < from) return `${put}: no record of this chain was lost`
  const which = before === from ? `record ${from} of before is` : `records ${from} to ${before} of before are`
  return `${put}: ${which} not in this chain, ${counted(headsLost, 'signed head')} that you gave ${headsLost === 1 ? 'speaks' : 'speak'} for them`
}

/** What came after the last head proves nothing yet. */
function unsignedWords(first: number, last: number): string {
  const which = first === last ? `record ${last} is` : `records ${first} to ${last} are`
  return `${which} newer than the last signed head and not signed: whoever has the files can have changed ${first === last ? 'it' : 'them'}`
}

function shown({ index, keyId, atMs }: SignedHead): string {
  return `${index} by key ${keyId} at ${new Date(atMs).toISOString()}`
}

function showReceipt({ receipt: file, key }: { receipt: string; key: string }): void {
  const expected = keysIn(key)
  const verdict = verifyReceipt(jsonIn(file), expected)
  const [isGood, says] = verdictWords(verdict)
  const sentences = verdict.receipt === null ? [] : receiptSentences(verdict.receipt)
  process.stdout.write(sentences.map(line => `${line}\n`).join(''))
  ;(isGood ? process.stdout : process.stderr).write(`${says}\n`)
  if (!isGood) process.exitCode = 1
}

function verdictWords({ signature, trouble }: ReceiptVerdict): [boolean, string] {
  if (signature.kind === 'broken') return [false, `Not genuine. ${signature.says}`]
  if (signature.kind === 'unexpected-key') {
    const says = `Signed with key ${signature.keyId}, which is not the one expected: anybody may have written it.`
    return [false, says]
  }
  if (trouble !== null) return [false, `Signed with key ${signature.keyId}, as expected, but: ${trouble}`]
  return [true, `Genuine: signed with key ${signature.keyId}, as expected.`]
}
