/** Subjects of the bare measurements; they lie outside of the streams' subjects. */
export const floorSubjects = { request: 'floor.request', reply: 'floor.reply', acks: 'floor.acks' } as const
