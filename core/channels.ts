import type { Category } from './ownReferrers.ts'
import { placeCalled } from './referrers.ts'

/** What a text has to be like; of several conditions one has to hold. Texts are compared in lower case. */
export type TextTest = {
  readonly is?: readonly string[]
  readonly startsWith?: readonly string[]
  readonly contains?: readonly string[]
  readonly endsWith?: readonly string[]
}

/** Every test that is named has to hold. A value that is not set is the empty text. */
export type ChannelCondition = {
  readonly source?: TextTest
  readonly medium?: TextTest
  readonly campaign?: TextTest
}

/** The channel of a visit for which one of the conditions holds. Plain data, as a tenant's policy has it. */
export type ChannelRule = { readonly channel: string; readonly when: readonly ChannelCondition[] }

/** What the default rules may ask beside that: the kind of place that the source is, and whether a campaign says shop. */
type DefaultCondition = ChannelCondition & { readonly place?: Category; readonly saysShop?: true }
type DefaultRule = { readonly channel: string; readonly when: readonly DefaultCondition[] }

/** `^(.*cp.*|ppc|retargeting|paid.*)$` */
const paid: TextTest = { contains: ['cp'], is: ['ppc', 'retargeting'], startsWith: ['paid'] }
const email: TextTest = { is: ['email', 'e-mail', 'e_mail', 'e mail'] }

/**
 * GA4's default channel group for manually tagged traffic, row by row in its order; the first rule that holds wins:
 * https://support.google.com/analytics/answer/9756891. `AI Assistant` is GA4's since May 2026 by the medium; that the
 * source is enough is ours, as ChatGPT tags its links with a source alone. It stands before the rules that a search
 * engine's own assistant would meet.
 */
export const defaultChannels: readonly DefaultRule[] = [
  { channel: 'Direct', when: [{ source: { is: ['(direct)'] }, medium: { is: ['(not set)', '(none)'] } }] },
  { channel: 'Cross-network', when: [{ campaign: { contains: ['cross-network'] } }] },
  {
    channel: 'Paid Shopping',
    when: [
      { place: 'shopping', medium: paid },
      { saysShop: true, medium: paid },
    ],
  },
  { channel: 'Paid Search', when: [{ place: 'search', medium: paid }] },
  { channel: 'Paid Social', when: [{ place: 'social', medium: paid }] },
  { channel: 'Paid Video', when: [{ place: 'video', medium: paid }] },
  {
    channel: 'Display',
    when: [{ medium: { is: ['display', 'banner', 'expandable', 'interstitial', 'cpm'] } }],
  },
  { channel: 'Paid Other', when: [{ medium: paid }] },
  { channel: 'AI Assistant', when: [{ medium: { is: ['ai-assistant'] } }, { place: 'assistant' }] },
  { channel: 'Organic Shopping', when: [{ place: 'shopping' }, { saysShop: true }] },
  {
    channel: 'Organic Social',
    when: [
      { place: 'social' },
      {
        medium: {
          is: ['social', 'social-network', 'social-media', 'sm', 'social network', 'social media'],
        },
      },
    ],
  },
  { channel: 'Organic Video', when: [{ place: 'video' }, { medium: { contains: ['video'] } }] },
  { channel: 'Organic Search', when: [{ place: 'search' }, { medium: { is: ['organic'] } }] },
  { channel: 'Referral', when: [{ medium: { is: ['referral', 'app', 'link'] } }] },
  { channel: 'Email', when: [{ source: email }, { medium: email }] },
  { channel: 'Affiliates', when: [{ medium: { is: ['affiliate'] } }] },
  { channel: 'Audio', when: [{ medium: { is: ['audio'] } }] },
  { channel: 'SMS', when: [{ source: { is: ['sms'] } }, { medium: { is: ['sms'] } }] },
  {
    channel: 'Mobile Push Notifications',
    when: [
      { medium: { endsWith: ['push'], contains: ['mobile', 'notification'] } },
      { source: { is: ['firebase'] } },
    ],
  },
]

/** What no rule holds for. */
export const unassigned = 'Unassigned'

type Values = { readonly source: string; readonly medium: string; readonly campaign: string | null }
type Facts = {
  readonly source: string
  readonly medium: string
  readonly campaign: string
  readonly saysShop: boolean
  readonly place: Category | null
}

/** The channel of a visit: by the tenant's rules, else by the default ones. */
export function channelOf(values: Values, rules: readonly ChannelRule[] = []): string {
  const campaign = values.campaign?.toLowerCase() ?? ''
  const facts: Facts = {
    source: values.source.toLowerCase(),
    medium: values.medium.toLowerCase(),
    campaign,
    saysShop: campaign.length > 0 && shop.test(campaign),
    place: placeCalled(values.source)?.category ?? null,
  }
  const own = rules.length === 0 ? null : firstOf(steps(rules), facts)
  return own ?? firstOf(defaultSteps, facts) ?? unassigned
}

/** GA4's `^(.*(([^a-df-z]|^)shop|shopping).*)$`: the word, also as eshop, and not the end of workshop. */
const shop = /(?:^|[^a-df-z])shop|shopping/

/** One condition of a rule. All steps have one shape, which is what makes asking twenty of them cheap. */
type Step = {
  readonly channel: string
  readonly place: Category | null
  readonly saysShop: boolean
  readonly medium: Required<TextTest> | null
  readonly source: Required<TextTest> | null
  readonly campaign: Required<TextTest> | null
}

const none: readonly string[] = []
const whole = (test: TextTest | undefined): Required<TextTest> | null =>
  test === undefined
    ? null
    : {
        is: test.is ?? none,
        startsWith: test.startsWith ?? none,
        contains: test.contains ?? none,
        endsWith: test.endsWith ?? none,
      }

function stepsOf(rules: readonly DefaultRule[]): readonly Step[] {
  return rules.flatMap(({ channel, when }) =>
    when.map(({ place = null, saysShop = false, medium, source, campaign }) => ({
      ...{ channel, place, saysShop },
      ...{ medium: whole(medium), source: whole(source), campaign: whole(campaign) },
    })),
  )
}

const defaultSteps = stepsOf(defaultChannels)
const ready = new WeakMap<readonly ChannelRule[], readonly Step[]>()

function steps(rules: readonly ChannelRule[]): readonly Step[] {
  const made = ready.get(rules) ?? stepsOf(rules)
  ready.set(rules, made)
  return made
}

function firstOf(all: readonly Step[], facts: Facts): string | null {
  for (const step of all) if (holds(step, facts)) return step.channel
  return null
}

function holds(step: Step, facts: Facts): boolean {
  return (
    (step.place === null || step.place === facts.place) &&
    (!step.saysShop || facts.saysShop) &&
    (step.medium === null || isLike(facts.medium, step.medium)) &&
    (step.source === null || isLike(facts.source, step.source)) &&
    (step.campaign === null || isLike(facts.campaign, step.campaign))
  )
}

function isLike(text: string, { is, startsWith, contains, endsWith }: Required<TextTest>): boolean {
  for (const one of is) if (text === one) return true
  for (const part of contains) if (text.includes(part)) return true
  for (const part of startsWith) if (text.startsWith(part)) return true
  for (const part of endsWith) if (text.endsWith(part)) return true
  return false
}
