/**
 * What speaks for whom, as `npm run calibrate` made it out of traffic with known truth (docs/accuracy.md): not to be changed
 * by hand. Each table has a value for each place between its borders (weigh.ts). Those of `quiet`, `crowd` and `known` are
 * weights, beside 1000 for somebody unknown; all others are factors in hundredths.
 */
export const weights = {
  quiet: [6718, 3219, 1468, 1180, 891, 525, 337, 215, 150, 79, 45, 30, 34, 46],
  shown: [100, 352, 420, 395, 330, 149, 11, 2, 2],
  clicked: [100, 20408, 149, 6, 16],
  caller: [100, 27580, 2, 90, 38, 124170],
  rested: [42, 75, 117, 160, 216, 121, 100],
  crowd: [1420, 1756, 2880, 3971],
  known: [4814, 3122, 2581, 2168],
  knownSure: [1, 2, 3, 4, 10, 16, 30, 57, 100],
  redialled: [100, 2398],
  mixed: [100, 33],
  busy: [100, 131, 115, 126, 140, 173, 298],
  nameless: 525,
} as const
