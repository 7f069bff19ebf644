import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from './sourceFiles.ts'

/** What we ship asks no more of whoever runs it than to keep the notices. */
const allowed = [
  ...[
    'MIT',
    'Apache-2.0',
    'ISC',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'Unlicense',
    'BlueOak-1.0.0',
    'CC0-1.0',
  ],
]

type LockedPackage = { version?: string; license?: string; dev?: boolean; optional?: boolean; link?: boolean }

/** A package of the tree that is shipped, and the licence that its own package.json names. */
export type ShippedPackage = { path: string; licence: string }

/**
 * Every package of the production tree. The licence is that of the installed package, and that of the lock file for
 * those that belong to other machines and are not installed here.
 */
export function shippedPackages(): ShippedPackage[] {
  const lock = JSON.parse(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8'))
  const packages = Object.entries(lock.packages as Record<string, LockedPackage>)
  return packages
    .filter(([path, locked]) => path !== '' && locked.dev !== true)
    .map(([path, locked]) => ({ path, licence: installedLicence(path) ?? locked.license ?? 'none named' }))
}

function installedLicence(path: string): string | null {
  try {
    const manifest = JSON.parse(readFileSync(join(projectFolder, path, 'package.json'), 'utf8'))
    const { license } = manifest as { license?: string | { type?: string } }
    return (typeof license === 'object' ? license.type : license) ?? null
  } catch {
    return null
  }
}

/** Whether an SPDX expression leaves us a choice that is on the list. */
export function isAllowed(expression: string): boolean {
  const choices = expression.replace(/[()]/g, '').split(/\s+OR\s+/)
  return choices.some(choice => choice.split(/\s+AND\s+/).every(licence => allowed.includes(licence.trim())))
}
