import { isFlushed } from '../../config/flushed.ts'
import { openEnvironment, transact } from '../../config/lmdb.ts'

/**
 * Ended by a SIGKILL in the middle of it: writes one row after another, says on its standard output how many are on the
 * disk, and compacts the store all the time.
 */
const path = process.argv[2] ?? ''
const environment = openEnvironment<string>(path)
let row = [...environment.getKeys()].length
void (async () => {
  for (;;) await environment.compact()
})()
for (;;) {
  const name = String(row).padStart(9, '0')
  await transact(environment, changes => changes.put(name, Buffer.alloc(500, name)))
  row += 1
  if (await isFlushed(environment)) process.stdout.write(`${row}\n`)
}
