import type { Environment } from '../config/lmdb.ts'
import {
  findEvents,
  forgetHistory,
  type HistoryKey,
  type HistoryRow,
  type Leaving,
  type NamedPlace,
  type Part,
  type Place,
  readEvent,
  readHistory,
  readHistoryPage,
  readNamed,
  removeFound,
  removeHistory,
  removeNames,
  replaceEvents,
  seeHistory,
} from './history.ts'
import { putRequest, type RequestRow } from './requestRows.ts'

/** What a partition's store keeps of events: `history.ts` on its environment. */
export function eventStore(root: Environment<HistoryKey>) {
  return {
    history: (tenant: string, fromMs: number, toMs: number, most: number) =>
      readHistory(root, tenant, fromMs, toMs, most),
    historyPage: (tenant: string, part: Part, most: number) => readHistoryPage(root, tenant, part, most),
    seeHistory: (tenant: string, part: Part, most: number, see: (place: Place, lent: Buffer) => void) =>
      seeHistory(root, tenant, part, most, see),
    forgetHistory: (tenant: string, beforeMs: number, most: number, day: number) =>
      forgetHistory(root, tenant, beforeMs, most, day),
    find: (tenant: string, name: string, after: Place | null, most: number) =>
      findEvents(root, tenant, name, after, most),
    named: (tenant: string, kind: string, after: NamedPlace | null, most: number) =>
      readNamed(root, tenant, kind, after, most),
    event: (tenant: string, place: Place) => readEvent(root, tenant, place),
    /** `row` says which of a rectification they are, and goes to the disk with them. */
    replace: (rows: readonly HistoryRow[], row?: RequestRow) =>
      replaceEvents(root, rows, changes => row && putRequest(changes, 'rectify', row)),
    removeFound: (tenant: string, name: string, most: number) => removeFound(root, tenant, name, most),
    /** `row` says what leaves with the page, when all of it was shown, and goes to the disk with it. */
    removeHistory: (leaving: Leaving<Place>, see: (lent: Buffer) => void, row: () => RequestRow) =>
      removeHistory(root, leaving, see, changes => putRequest(changes, 'erasure', row())),
    removeNames: (leaving: Leaving<NamedPlace>, see: (name: string) => void, row: () => RequestRow) =>
      removeNames(root, leaving, see, changes => putRequest(changes, 'erasure', row())),
  }
}
