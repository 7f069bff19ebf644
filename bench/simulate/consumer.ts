import { type ResultMessage, resultId } from '../../core/wire/result.ts'
import { spelled } from './compare.ts'

/** Somebody outside who honours ids and remembers one per partition: what is not larger was seen before. */
export type Consumer = {
  readonly partition: number
  /** What was taken as new, in the order in which it came. */
  readonly taken: string[]
  /** How many results came again. */
  repeated: number
  take(message: ResultMessage): void
}

export function createConsumer(partition: number): Consumer {
  let seen: readonly [sequence: number, index: number] = [0, -1]
  const consumer: Consumer = {
    partition,
    taken: [],
    repeated: 0,
    take: message => {
      for (const result of message.results) {
        const [, sequence = 0, index = 0] = resultId(message, result).split('.').map(Number)
        if (sequence < seen[0] || (sequence === seen[0] && index <= seen[1])) {
          consumer.repeated += 1
          continue
        }
        seen = [sequence, index]
        consumer.taken.push(spelled(result.outcome))
      }
    },
  }
  return consumer
}
