import { PerformanceObserver, constants } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { heapLimits, setHeapFlags } from './heap.ts'

/**
 * A process of its own, because flags are for all of it: a thread with a large state takes in small buffers, keeps the
 * latest for a while, and tells how often its whole heap was looked at meanwhile.
 */
const [rows, buffers, kept, buffersAtOnce] = [300_000, 800_000, 20_000, 2_000]

if (isMainThread) {
  const isSet = process.argv[2] === 'set'
  if (isSet) setHeapFlags()
  const thread = new Worker(new URL(import.meta.url), isSet ? { resourceLimits: heapLimits(1) } : {})
  thread.on('message', told => process.stdout.write(JSON.stringify(told)))
} else {
  let looks = 0
  new PerformanceObserver(list => {
    for (const { detail } of list.getEntries() as { detail?: { kind: number } }[])
      if (detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR) looks += 1
  }).observe({ entryTypes: ['gc'] })
  const state = Array.from({ length: rows }, (_, row) => ({ row, name: `row ${row}`, list: [row] }))
  const latest: ArrayBuffer[] = []
  const takeIn = (taken: number) => {
    for (let count = 0; count < buffersAtOnce; count++)
      latest[(taken + count) % kept] = new ArrayBuffer(1_024)
    if (taken < buffers) setImmediate(takeIn, taken + buffersAtOnce)
    else parentPort?.postMessage({ looks, limit: getHeapStatistics().heap_size_limit, rows: state.length })
  }
  setImmediate(takeIn, 0)
}
