import type { Disks } from './disks.ts'
import type { Intake } from './intake.ts'
import type { Metrics } from './metrics.ts'

/** What is too full for visits at this moment: a disk, or the log. */
export function fullNow(disks: Disks, intake: Intake): ('disk' | 'log')[] {
  const full: ('disk' | 'log')[] = []
  if (!disks.hasRoom()) full.push('disk')
  if (intake.logRefuses()) full.push('log')
  return full
}

/** Sets the gauges of the disks, which every role has. */
export function gaugeDisks(metrics: Metrics, disks: Disks): void {
  for (const [folder, share] of disks.used()) metrics.set('ringtrail_disk_used_ratio', [folder], share)
}

/** Sets the gauges of room. */
export function gaugeRoom(metrics: Metrics, disks: Disks, intake: Intake): void {
  gaugeDisks(metrics, disks)
  const full = fullNow(disks, intake)
  for (const what of ['disk', 'log'] as const)
    metrics.set('ringtrail_no_room', [what], full.includes(what) ? 1 : 0)
  metrics.total('ringtrail_log_refused_total', intake.logRefused())
}
