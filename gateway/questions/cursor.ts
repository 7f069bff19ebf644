import type { CallPlace } from '../../core/wire/questions.ts'

/** Where a page ended, as somebody carries it to the next: nothing that is to be read. */
export const cursorForm = '^[A-Za-z0-9_-]{1,400}$'

export function cursorText({ rangAt, key }: CallPlace): string {
  return Buffer.from(JSON.stringify([rangAt, key])).toString('base64url')
}

/** null: it is none of ours. */
export function parseCursor(text: string): CallPlace | null {
  try {
    const [rangAt, key] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[]
    return Number.isSafeInteger(rangAt) && typeof key === 'string' ? { rangAt: rangAt as number, key } : null
  } catch {
    return null
  }
}
