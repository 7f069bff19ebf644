import { channelOf, type ChannelRule } from './channels.ts'
import type { Provenance, Source, StaticPolicy } from './policy.ts'

/** Whether two sources say the same. What an older entry leaves out is not known there, as null. */
export function isSameSource(one: Source | null, other: Source | null): boolean {
  if (one === null || other === null) return one === other
  return (
    isSameOrigin(one, other) &&
    (one.channel ?? null) === (other.channel ?? null) &&
    isSameProvenance(one.provenance, other.provenance)
  )
}

/** Whether two visits came from the same place, however that was found out and whatever channel it counts as. */
export function isSameOrigin(one: Source, other: Source): boolean {
  return (
    one.source === other.source &&
    one.medium === other.medium &&
    one.campaign === other.campaign &&
    one.content === other.content &&
    one.keyword === other.keyword
  )
}

function isSameProvenance(one: Provenance | undefined, other: Provenance | undefined): boolean {
  return (
    one?.source === other?.source &&
    one?.medium === other?.medium &&
    one?.campaign === other?.campaign &&
    one?.content === other?.content &&
    one?.keyword === other?.keyword
  )
}

/** What a static number stands for: its channel is the one that was set for it, else follows from the rules. */
export function staticSource(fixed: StaticPolicy, rules: readonly ChannelRule[] = []): Source {
  const { source, medium, campaign, content, keyword, channel } = fixed.source
  const set = (value: string | null) => (value === null ? null : 'static')
  return {
    ...{ source, medium, campaign, content, keyword },
    channel: channel ?? channelOf({ source, medium, campaign }, rules),
    provenance: {
      ...{ source: 'static', medium: 'static' },
      ...{ campaign: set(campaign), content: set(content), keyword: set(keyword) },
    },
  }
}

/** A source as it is shown: of what an older entry leaves out it says that it is not known. */
export function wholeSource(source: Source): Required<Omit<Source, 'provenance'>> & {
  readonly provenance: Provenance | null
} {
  const { channel = null, provenance = null } = source
  return { ...source, channel, provenance }
}
