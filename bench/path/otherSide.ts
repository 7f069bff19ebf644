import { parentPort, workerData } from 'node:worker_threads'
import { type LinkOptions, openLink } from '../../config/nats.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { floorSubjects } from './floorSubjects.ts'

/** The other side of the floors, a thread with a connection of its own: it answers, and does nothing else. */
const link = await openLink(workerData as LinkOptions)
link.subscribe(floorSubjects.request, message => message.respond(message.data))
link.follow({
  stream: streams.log,
  subject: subjects.log(0),
  from: 1,
  take: record => link.publish(floorSubjects.reply, record.data),
  trouble: error => {
    throw error
  },
})
await link.flush()
parentPort?.on('message', () => void link.close().then(() => process.exit(0)))
parentPort?.postMessage('ready')
