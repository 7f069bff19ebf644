/** What a run did and found. */
export type Figures = {
  days: number
  events: number
  parts: number
  /** Changes of a policy: to a shorter retention, to a longer one, of fields alone. */
  shorter: number
  longer: number
  ownerRestarts: number
  gatewayRestarts: number
  cutOffs: number
  /** Moments at which time was stopped to look. */
  boundaries: number
  /** Parts that were tried with every key that the store still gives: those that opened, and those that did not. */
  opened: number
  refused: number
  rowsRead: number
  periodKeysDestroyed: number
  subjectKeysDestroyed: number
  rowsRemoved: number
  /** Events that were sealed anew without a field. */
  sealedAnew: number
  dayRecords: number
  changeRecords: number
  /** The longest for which a part still opened after it was due. */
  latestMs: number
}

export const noFigures = (): Figures => ({
  days: 0,
  events: 0,
  parts: 0,
  shorter: 0,
  longer: 0,
  ownerRestarts: 0,
  gatewayRestarts: 0,
  cutOffs: 0,
  boundaries: 0,
  opened: 0,
  refused: 0,
  rowsRead: 0,
  periodKeysDestroyed: 0,
  subjectKeysDestroyed: 0,
  rowsRemoved: 0,
  sealedAnew: 0,
  dayRecords: 0,
  changeRecords: 0,
  latestMs: 0,
})

/** The sums of several runs; of the latest, the latest. */
export function added(one: Figures, other: Figures): Figures {
  const sum = Object.entries(one).map(([name, value]) => [name, value + other[name as keyof Figures]])
  return { ...(Object.fromEntries(sum) as Figures), latestMs: Math.max(one.latestMs, other.latestMs) }
}
