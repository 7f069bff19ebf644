/**
 * Every bound in one place. Units stand last in the name. What relates bounds to each other stands in `limits.test.ts`,
 * so that a change of one that breaks another is noticed before traffic is.
 */
export const limits = {
  // What strangers may send.
  frameBytesMax: 16 * 1024,
  bodyBytesMax: 256 * 1024,
  adminBodyBytesMax: 64 * 1024,
  auditRecordsPerPage: 500,
  // How far an owner looks back in a chain for who asked for what it is to sign, and how long it waits for that to be stored.
  auditLookedBackMax: 2_000,
  signingAwaitedMs: 1_500,
  feedFrameBytesMax: 1_024,
  signalsPerBodyMax: 256,
  framesPerBeaconMax: 64,
  urlCharsMax: 4_096,
  textCharsMax: 512,
  sourceCharsMax: 100,
  idCharsMax: 128,
  fieldsPerEngagementMax: 32,
  idsPerHelloMax: 32,
  targetsPerHelloMax: 32,
  segmentsPerTargetMax: 32,
  consentStringCharsMax: 4_096,

  // What the gateway holds.
  routingBudgetMs: 200,
  helloBudgetMs: 2_000,
  helloAgainMs: 5_000,
  signatureToleranceMs: 5 * 60_000,
  visitPaceMs: 4,
  visitLaneEventsMax: 16_384,
  callLaneEventsMax: 8_192,
  eventsPerMessageMax: 256,
  messageBytesMax: 512 * 1024,
  publishTimeoutMs: 5_000,
  socketBackpressureBytesMax: 64 * 1024,
  carrierBackpressureBytesMax: 1024 * 1024,
  feedBackpressureBytesMax: 1024 * 1024,
  signalsPerSocketInFlightMax: 1_024,
  answersKeptMax: 65_536,
  readinessKeptMs: 500,
  socketsMax: 200_000,
  framesPerSocketPerSecondMax: 50,
  connectsPerAddressPerMinuteMax: 600,
  signalsPerAddressPerSecondMax: 2_000,
  failedProofsPerAddressPerMinuteMax: 60,
  beatsPerEntryMax: 1_024,
  diskStopAt: 0.85,
  outboxEntriesMax: 1_000_000,
  /** So many subjects' keys a gateway holds; one that it forgets gets another key at its next event. */
  subjectKeysHeldMax: 65_536,
  /** At so many of them it looks each second, to let go of those whose time is over. */
  subjectKeysLookedAtMax: 2_048,
  /** A gateway that did not hear of a change of retention knows it after this. */
  termsAskedEveryMs: 30_000,
  /** The longest for which a gateway uses the key of a stretch of time. */
  periodMsMax: 30 * 60_000,
  /** So many of the subjects seen last have ready what seals their next event: some 2 KB each. */
  sealsReadyMax: 4_096,
  /** Keys made before there is anybody to be sealed under them: in all, and of one tenant and lane. */
  keysPreparedMax: 1_024,
  keysPreparedPerPeriodMax: 16,
  /** So much work waits for spare time; what comes on top is not done ahead. */
  sparePiecesMax: 256,
  /** By then every gateway has dropped the keys of a subject whose values are put right. */
  rectifyAfterMs: 3_000,
  /** What was wrapped for the half of an owner that an erasure replaced has this long to arrive. */
  intakeGraceMs: 15_000,
  accessKeysPerTenantMax: 500,
  accessKeyKnownMs: 500,
  accessKeysKnownMax: 10_000,
  accessUseToldMs: 60_000,
  accessNotedWithinMs: 5_000,
  /** Receipts and certificates of which a gateway knows that they are recorded as issued. */
  issuedKnownMax: 10_000,
  /** One file is put in force at a time, the others wait. */
  appliesUnderWayMax: 4,

  // What a partition remembers.
  futureToleranceMs: 5 * 60_000,
  spansPerSessionMax: 64,
  tabsPerSessionMax: 64,
  clicksPerSessionMax: 32,
  /** Beside the one that it began with. */
  touchesPerSessionMax: 15,
  /** The most that a tenant may ask for. */
  touchesPerCallMax: 50,
  revisionsPerCallMax: 16,
  sessionsPerTenantMax: 4_000_000,
  callsPerTenantMax: 2_000_000,
  callersPerTenantMax: 2_000_000,
  restrictedPerTenantMax: 100_000,
  callsPerCallerMax: 8,
  claimsPerNumberMax: 256,
  numbersPerPoolMax: 100_000,
  numbersPerTenantMax: 400_000,
  candidatesMax: 8,
  producersMax: 4_096,
  producerWindow: 1_024,
  /** So few that whoever rings meanwhile does not wait for long. */
  forgetPerPulseMax: 256,
  endPerPulseMax: 256,
  /** Events that a round looks at to seal them anew without a field that is due; so many without a pause. */
  fieldExpiryPerRoundMax: 2_048,
  fieldExpiryAtOnceMax: 16,
  /** What a gateway held back for longer may come to the log when the key under which it was sealed is gone. */
  fieldExpiryLateMs: 24 * 3_600_000,
  pulseEveryMs: 1_000,
  /** After one that left something. */
  pulseAgainMs: 25,
  /** Of a tenant's keys that have ended, the oldest are forgotten first. */
  accessKeysKeptPerTenantMax: 1_000,
  /** Of a tenant's breaches, and of the processor's own, the oldest are forgotten first. */
  breachesPerTenantMax: 1_000,

  // How soon the bytes of what was removed are gone: together 8 days.
  paddingEveryMs: 12 * 3_600_000,
  compactEveryMs: 24 * 3_600_000,
  erasureRiskAfterMs: 5 * 86_400_000,
  /** A stopped partition takes what it could not apply out of the log by then, so that the log holds nothing for longer than 7 days. */
  heldAfterMs: 6 * 86_400_000,
  heldPerPageMax: 256,
  heldPageBytesMax: 8 * 1024 * 1024,
  /** A stream fuller than this gets no padding, nor one on a disk fuller than this. */
  paddingStopAt: 0.75,
  paddingMessageBytes: 64 * 1024,

  // Questions about calls.
  /** Calls of all tenants that one process holds as columns, about 200 bytes each with their names. */
  questionCallsMax: 4_000_000,
  callsPerPageMax: 500,
  reportRowsMax: 5_000,
  /** Rows that somebody takes without a pause: about 10 ms at most, for whoever asks meanwhile. */
  callsPerChunk: 128,
  streamsPerTenantMax: 4,
  /** Of how many calls a report by phrase opens the visit. */
  phraseCallsMax: 500_000,
  poolMomentsPerPageMax: 2_016,
  poolMomentEveryMs: 5 * 60_000,

  // Return packages, which lie in the clear.
  returnsPerTenantMax: 2,
  /** One that was not written to for so long will never be finished. */
  returnUnfinishedMs: 3_600_000,
  /** For so long the certificate can name one that was removed. */
  returnsRememberedMs: 400 * 86_400_000,

  // What `ringtrail simulate` and `ringtrail replay` take on: they hold it in memory.
  whatIfEventsMax: 2_000_000,
  whatIfBeatsMax: 20_000_000,
  whatIfCombinationsMax: 256,

  // What a worker groups.
  commitEveryMs: 10,
  /** So many messages at most wait for what follows from them to be worked out; the commit does it sooner. */
  turnsHeldMax: 256,
  /** Of the rows of a tenant that has ended so many leave the store with a commit. */
  leavingPerCommitMax: 1_024,
  /** Where commits fail for long, a partition applies no more than this ahead of its store. */
  uncommittedEntriesMax: 65_536,
  /** Rows of what was erased that are looked at each second, to be forgotten when no backup reaches back to them. */
  forgottenPerRoundMax: 512,
  /** How long what was set aside is kept in a partition without tenants. */
  asideRetentionMs: 60 * 86_400_000,
} as const
