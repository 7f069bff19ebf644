/** Hears of what could not be taken. */
export type Broke = (error: Error) => void

/** Takes one message after another; one that it cannot take is passed over, and `broke` hears why. */
export function orPassOver<Message>(
  take: (message: Message) => void,
  broke: Broke,
): (message: Message) => void {
  return message => {
    try {
      take(message)
    } catch (error) {
      broke(error as Error)
    }
  }
}
