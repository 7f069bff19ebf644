const mark = 'refused'

/**
 * What a start ends with where it must not go on and nothing is broken: a sentence that says what to do. It has no stack to show,
 * and is known as such in another thread too.
 */
export class Refused extends Error {
  constructor(message: string) {
    super(message, { cause: mark })
    this.stack = ''
  }
}

export function isRefused(error: unknown): boolean {
  return error instanceof Error && error.cause === mark
}
