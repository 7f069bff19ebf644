/**
 * What networks send where a caller's number would stand. The numbers spell words on a telephone's keys (ANONYMOUS,
 * UNAVAILABLE, UNKNOWN, BLOCKED, RESTRICTED) and are well-formed: taken for numbers they would make one person of
 * everybody who withholds theirs.
 */
const words = ['', 'withheld', 'anonymous', 'unavailable', 'unknown', 'blocked', 'restricted', 'private']
const spelledOnKeys = ['266696687', '86282452253', '8656696', '2562533', '7378742833']

/** The caller as the carrier wrote it, or null where it says that there is none to see. */
export function callerOrNull(text: string | undefined): string | null {
  const caller = text?.trim() ?? ''
  const isWithheld = words.includes(caller.toLowerCase()) || spelledOnKeys.includes(caller.replace(/^\+/, ''))
  return isWithheld ? null : caller
}
