import { type Failure, run } from './run.ts'
import { retell, type Message, type Story } from './story.ts'

/**
 * A shorter log that breaks too: whatever follows the break is left out, then pieces, ever smaller ones, as long as
 * something still breaks. The oracle is asked anew for each try.
 */
export function shrink(story: Story, failure: Failure, mostTries = 400): { story: Story; failure: Failure } {
  let best = { story: retell(story, story.messages.slice(0, failure.step + 1)), failure }
  let tries = 0
  for (let size = best.story.messages.length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from < best.story.messages.length && tries < mostTries; ) {
      tries += 1
      const shorter = attempt(best.story, [
        ...best.story.messages.slice(0, from),
        ...best.story.messages.slice(from + size),
      ])
      if (shorter === null) from += size
      else best = shorter
    }
  }
  for (let place = 0; place < best.story.messages.length; place++) {
    for (let index = 0; index < (best.story.messages[place]?.length ?? 0); ) {
      const shorter = attempt(
        best.story,
        best.story.messages.with(place, withoutEntry(best.story, place, index)),
      )
      if (shorter === null) index += 1
      else best = shorter
    }
  }
  return best
}

function withoutEntry({ messages }: Story, place: number, index: number): Message {
  return (messages[place] ?? []).filter((_, other) => other !== index)
}

function attempt(story: Story, messages: readonly Message[]): { story: Story; failure: Failure } | null {
  const told = retell(
    story,
    messages.filter(message => message.length > 0),
  )
  const { failure } = run(told)
  return failure === null ? null : { story: told, failure }
}
