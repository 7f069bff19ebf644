import type { Command } from 'commander'
import { checkOptions } from './bodyForm.ts'
import { readPrivate } from './privateFiles.ts'
import { type Of, type Open, pathOf, purposeOf, sayInForce, withPurpose } from './subjectOptions.ts'
import { rectifyBody } from './subjects/subjects.ts'

/** `ringtrail subjects rectify`: the caller of a call, or a value that was entered or sent. Both are read from files. */
type Rectified = {
  readonly carrier?: string
  readonly call?: string
  readonly phoneFile?: string
  readonly withheld?: boolean
  readonly subject?: string
  readonly field?: string
  readonly fromFile?: string
  readonly toFile?: string
  readonly remove?: boolean
}

export function addRectify(subjects: Command, open: Open): void {
  withPurpose(subjects.command('rectify'))
    .description('puts the caller of a call right, or a value of a person (Article 16)')
    .option('--carrier <name>', 'of a call: who reported it, such as generic')
    .option('--call <id>', 'its id at the carrier')
    .option('--phone-file <file>', 'a file with the right number; - for standard input')
    .option('--withheld', 'the number may not be known')
    .option('--subject <handle>', 'of a value: whose it is, v:… or c:…')
    .option('--field <name>', 'such as fields.mail, title, ids.ga')
    .option('--from-file <file>', 'a file with what is wrong; left out: whatever stands there')
    .option('--to-file <file>', 'a file with what is right; - for standard input')
    .option('--remove', 'the value is taken out')
    .action(async (options: Of & Rectified) => {
      const body = { ...bodyOf(options), ...purposeOf(options) }
      checkOptions(rectifyBody, body, {
        phone: 'What --phone-file holds',
        from: 'What --from-file holds',
        to: 'What --to-file holds',
      })
      sayInForce(await open(options).ask('POST', pathOf(options, 'subjects/rectify'), body))
    })
}

function bodyOf(options: Rectified): object {
  const { carrier, call, subject, field } = options
  if (carrier !== undefined && call !== undefined && subject === undefined && field === undefined)
    return { carrier, call, phone: phoneOf(options) }
  if (subject !== undefined && field !== undefined && carrier === undefined && call === undefined)
    return { subject, field, ...valuesOf(options) }
  throw new Error('Give --carrier and --call of a call, or --subject and --field of a value.')
}

function phoneOf({ phoneFile, withheld = false }: Rectified): string | null {
  if (withheld === (phoneFile !== undefined))
    throw new Error('Give either --phone-file with the right number, or --withheld.')
  return phoneFile === undefined ? null : readPrivate(phoneFile, 'a phone number')
}

function valuesOf({ fromFile, toFile, remove = false }: Rectified): object {
  if (remove === (toFile !== undefined))
    throw new Error('Give either --to-file with the right value, or --remove.')
  const from = fromFile === undefined ? {} : { from: readPrivate(fromFile, 'what is wrong') }
  return { ...from, to: toFile === undefined ? null : readPrivate(toFile, 'what is right') }
}
