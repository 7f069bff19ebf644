import { readFileSync, writeFileSync } from 'node:fs'
import { readOptions } from '../commandLine.ts'
import { drawnBefore, drawnLast, drawnSince, firstOfLast } from './drawn.ts'
import { calibrationOf, compareAll } from './measure.ts'
import { lossesOf, missesOf } from './judge.ts'
import { comparedPicture, reliabilityPicture } from './pictures.ts'
import { heldOutShapes } from './shapes.ts'
import { comparedTable, put, reliabilityTable } from './tell.ts'
import { plainWeights, weightsNow, writeWeights } from './writeWeights.ts'

/**
 * `npm run calibrate`: a round that makes the weights anew from what the core says with those it has; `--afresh` puts plain ones in
 * their place first. `--measure`, which is `npm run accuracy`: measures, and puts the figures and pictures into docs/.
 */
const { values } = readOptions('npm run calibrate -- [--afresh] [--measure]', {
  options: { afresh: { type: 'boolean', default: false }, measure: { type: 'boolean', default: false } },
})

const docs = new URL('../../docs/', import.meta.url)
const progress = (text: string) => process.stderr.write(`${text}\n`)

if (values.measure) measure()
else if (values.afresh) writeWeights(plainWeights)
else writeWeights(weightsNow())

function measure(): void {
  progress('the held-out shapes …')
  const heldOut = calibrationOf(heldOutShapes)
  progress('drawn shapes …')
  const last = calibrationOf(drawnLast())
  const first = calibrationOf(firstOfLast())
  const since = calibrationOf(drawnSince())
  const before = calibrationOf(drawnBefore())
  progress('the four scenarios …')
  const compared = compareAll()
  const panels = [['all', heldOut.overall] as const, ...heldOut.byKind]
  writeFileSync(new URL('accuracy-reliability.svg', docs), reliabilityPicture(panels))
  writeFileSync(new URL('accuracy-compared.svg', docs), comparedPicture(compared))
  const file = new URL('accuracy.md', docs)
  let text = readFileSync(file, 'utf8')
  text = put(text, 'held-out', reliabilityTable(heldOut))
  text = put(text, 'drawn-last', reliabilityTable({ ...last, byShape: [] }))
  text = put(text, 'drawn-first', reliabilityTable(first))
  text = put(text, 'drawn-since', reliabilityTable({ ...since, byShape: [] }))
  text = put(text, 'drawn', reliabilityTable(before))
  text = put(text, 'compared', comparedTable(compared))
  writeFileSync(file, text)
  const misses = [...missesOf('held out', heldOut), ...missesOf('drawn last', last), ...lossesOf(compared)]
  for (const miss of misses) progress(miss)
  if (misses.length > 0) process.exitCode = 1
}
