/**
 * What speaks for whom, as `npm run calibrate` made it out of traffic with known truth (docs/accuracy.md): not to be changed
 * by hand. Each table has a value for each place between its borders (weigh.ts). Those of `quiet`, `crowd` and `known` are
 * weights, beside 1000 for somebody unknown; all others are factors in hundredths.
 */
export const weights = {
  quiet: [10658, 5243, 2357, 1992, 1550, 1061, 655, 418, 252, 147, 84, 47, 60, 95],
  shown: [100, 266, 287, 278, 238, 139, 16, 3, 3],
  clicked: [100, 25502, 185, 4, 26],
  caller: [100, 15224, 2, 88, 39, 23944],
  rested: [58, 105, 156, 245, 235, 157, 100],
  crowd: [975, 1127, 1780, 1358],
  known: [5137, 2602, 2192, 2075],
  knownSure: [1, 2, 3, 4, 9, 15, 31, 48, 100],
  redialled: [100, 4873],
  mixed: [100, 25],
  busy: [100, 125, 128, 144, 168, 204, 424],
  rung: [100, 119, 122, 152, 477, 1214, 1967, 6005],
  nameless: 1061,
} as const
