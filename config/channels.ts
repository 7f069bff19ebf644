import type { ChannelCondition, ChannelRule, TextTest } from '../core/channels.ts'
import { hostOf } from '../core/sources.ts'
import type { Path } from './position.ts'
import type { Findings } from './problem.ts'
import type { ChannelSettings } from './tenantSchema.ts'

/** A tenant's rules for channels: conditions in plain words, never patterns, so that none can take long. */
export function readChannels(
  rules: readonly ChannelSettings[],
  path: Path,
  findings: Findings,
): readonly ChannelRule[] {
  return rules.map((rule, index) => readRule(rule, [...path, index], findings))
}

const about = ['source', 'medium', 'campaign'] as const
type LikeText = NonNullable<ChannelSettings['source']>

function readRule(rule: ChannelSettings, path: Path, findings: Findings): ChannelRule {
  const condition: { -readonly [Name in keyof ChannelCondition]: TextTest } = {}
  for (const name of about) {
    const written = rule[name]
    if (written !== null) condition[name] = readTest(written, [...path, name], findings)
  }
  if (Object.keys(condition).length === 0)
    findings.report(path, 'has to say what source, medium or campaign is like')
  return { channel: rule.channel, when: [condition] }
}

function readTest(written: LikeText, path: Path, findings: Findings): TextTest {
  const { equals, oneOf, startsWith, contains } = written
  const said = [equals, oneOf, startsWith, contains].filter(one => one !== null)
  if (said.length !== 1) findings.report(path, 'has to be one of equals, oneOf, startsWith and contains')
  const lower = (text: string) => text.toLowerCase()
  if (startsWith !== null) return { startsWith: [lower(startsWith)] }
  if (contains !== null) return { contains: [lower(contains)] }
  return { is: (oneOf ?? (equals === null ? [] : [equals])).map(lower) }
}

/** Hosts as they are compared: as browsers write them, without `www.`. What is none is reported. */
export function readHosts(hosts: readonly string[], path: Path, findings: Findings): readonly string[] {
  return hosts.map((written, index) => {
    const host = /[/:@?#\s]/.test(written) ? null : hostOf(`https://${written}`)
    if (host === null)
      findings.report(
        [...path, index],
        `has to be a host such as pay.example, not ${JSON.stringify(written)}`,
      )
    return host ?? written
  })
}
