import type { Configured } from './adminClient.ts'
import type { Command } from 'commander'
import { processingRecord } from '../config/processingRecord.ts'
import { formatRecord } from '../config/processingRecordText.ts'
import { describeEgress, egressReport } from '../config/egressReport.ts'

type Asked = { config?: string; format: string }

/** What the configuration alone says of places and processing, for those who have to account for it. */
export function addRecordCommands(program: Command, configured: Configured): void {
  program
    .command('egress')
    .description('says where the software may open connections to, who runs that, and where it lies')
    .option('--config <file>', 'the configuration; left out: the demo')
    .option('--format <form>', 'text or json', 'text')
    .action((asked: Asked) => {
      const report = egressReport(configured(asked))
      print(asked.format, { text: () => describeEgress(report), json: () => JSON.stringify(report, null, 2) })
    })
  program
    .command('record')
    .description('the record of processing (Article 30 GDPR), and what is missing for it')
    .option('--config <file>', 'the configuration; left out: the demo')
    .option('--format <form>', 'md or json', 'md')
    .action((asked: Asked) => {
      const record = processingRecord(configured(asked), new Date().toISOString())
      print(asked.format, { md: () => formatRecord(record), json: () => JSON.stringify(record, null, 2) })
    })
}

function print(format: string, forms: Readonly<Record<string, () => string>>): void {
  if (!Object.hasOwn(forms, format)) throw new Error(`--format is one of ${Object.keys(forms).join(', ')}.`)
  process.stdout.write(`${forms[format]?.()}\n`)
}
