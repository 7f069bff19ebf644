/**
 * Every way in which we refuse, in one place: the code is stable, `status` is the HTTP status, `retry` says whether
 * sending the same again can help, `says` is the one sentence that the sender reads. Nothing personal is in any.
 */
export const problems = {
  'not-json': { status: 400, retry: false, says: 'The text is not valid JSON.' },
  'not-valid': { status: 400, retry: false, says: 'The message does not have the documented shape.' },
  'unknown-field': { status: 400, retry: false, says: 'The message has a field that is not documented.' },
  'empty-body': { status: 400, retry: false, says: 'The request has no body.' },
  'not-a-phone-number': { status: 400, retry: false, says: 'The number is not a phone number.' },
  'not-a-handle': {
    status: 400,
    retry: false,
    says: 'A handle is v: or c: and 22 characters, the id of a browser or a visit the 22 alone: copy it whole.',
  },
  'looks-personal': {
    status: 400,
    retry: false,
    says: 'This is kept in lists and audit records, and looks like something about a person.',
  },
  'from-the-future': {
    status: 400,
    retry: false,
    says: 'The signal lies more than 5 minutes in the future.',
  },
  'before-retention': { status: 400, retry: false, says: 'The signal is older than the data that is kept.' },
  'bearer-missing': { status: 401, retry: false, says: 'The Authorization header is missing or wrong.' },
  'signature-mismatch': { status: 401, retry: false, says: 'The signature is missing or does not match.' },
  'signature-stale': { status: 401, retry: false, says: 'The signature is older than 5 minutes.' },
  'key-missing': {
    status: 401,
    retry: false,
    says: 'A key is needed, and none was right: an API key, or for monitors the monitor key.',
  },
  'key-expired': { status: 401, retry: false, says: 'The API key, or this secret of it, has expired.' },
  'key-revoked': { status: 401, retry: false, says: 'The API key was revoked.' },
  'scope-missing': {
    status: 403,
    retry: false,
    says: 'The role of the API key does not hold the scope for this.',
  },
  'foreign-origin': { status: 403, retry: false, says: 'This origin is not allowed for the site.' },
  'foreign-host': { status: 403, retry: false, says: 'This host is not a name of this machine.' },
  restricted: { status: 403, retry: false, says: 'The data of this person is restricted.' },
  'unknown-site': { status: 404, retry: false, says: 'No site has this key.' },
  'unknown-partition': {
    status: 404,
    retry: false,
    says: 'There is no such partition: they are numbered from 0 on.',
  },
  'unknown-tenant': { status: 404, retry: false, says: 'There is no such tenant.' },
  'unknown-carrier': { status: 404, retry: false, says: 'This carrier is not configured for the tenant.' },
  'unknown-request': { status: 404, retry: false, says: 'No request has this id.' },
  'unknown-call': { status: 404, retry: false, says: 'No call has this id.' },
  'unknown-key': { status: 404, retry: false, says: 'No API key has this id.' },
  'unknown-breach': { status: 404, retry: false, says: 'No breach has this id.' },
  'not-found': { status: 404, retry: false, says: 'There is nothing at this address.' },
  'method-not-allowed': { status: 405, retry: false, says: 'The method is not allowed here.' },
  'call-conflict': {
    status: 409,
    retry: false,
    says: 'The call was reported before with other facts; the first stand.',
  },
  'key-ended': { status: 409, retry: false, says: 'The API key was revoked for good. Make another one.' },
  'too-many-keys': {
    status: 409,
    retry: false,
    says: 'There are as many API keys as there may be. Revoke some.',
  },
  'phase-out-of-order': {
    status: 409,
    retry: false,
    says: 'Phases come in the order 1, 2, 3, each once: another one comes next.',
  },
  'not-confirmed': {
    status: 409,
    retry: false,
    says: 'To end a contract, its tenant’s id has to be repeated in confirm.',
  },
  'other-manifest': {
    status: 409,
    retry: false,
    says: 'The manifest that was written has another hash: what was received may not be it, or not whole.',
  },
  'too-many-returns': {
    status: 409,
    retry: false,
    says: 'There are as many return packages as there may be. Say which was received, or wait until one is removed.',
  },
  'not-returned': {
    status: 409,
    retry: true,
    says: 'The return package is not written, or not yet.',
  },
  'other-file': {
    status: 409,
    retry: false,
    says: 'This process was started with another configuration file.',
  },
  'file-has-problems': {
    status: 409,
    retry: false,
    says: 'The configuration file has problems, as this process reads it. It goes on as before.',
  },
  'too-many-applies': {
    status: 503,
    retry: true,
    says: 'The file is being put in force already, and as many wait as may. Send it again.',
  },
  'applied-elsewhere': {
    status: 409,
    retry: false,
    says: 'Workers run by themselves here: ringtrail apply with nats.url puts a file in force.',
  },
  'too-large': { status: 413, retry: false, says: 'The message is larger than allowed.' },
  'not-text': { status: 415, retry: false, says: 'Only text frames are understood.' },
  'hello-first': { status: 400, retry: false, says: 'The first frame has to be a hello.' },
  'too-many-requests': {
    status: 429,
    retry: true,
    says: 'Too many requests from here. Wait and send again.',
  },
  overloaded: { status: 503, retry: true, says: 'The event was not taken. Wait and send again.' },
  'no-room': { status: 503, retry: true, says: 'There is no room to store the event. Send it again later.' },
  'log-unavailable': { status: 503, retry: true, says: 'The event was not stored. Send it again.' },
  'not-now': {
    status: 503,
    retry: true,
    says: 'The answer takes longer than usual; it follows when it can.',
  },
  'not-recorded': {
    status: 503,
    retry: true,
    says: 'The audit chain has no record yet that this was asked for, so it is not signed. Ask again.',
  },
  'partition-stopped': {
    status: 503,
    retry: true,
    says: 'This part of the log is stopped and waits for its operator.',
  },
} as const satisfies Record<string, { status: number; retry: boolean; says: string }>

export type ProblemCode = keyof typeof problems
