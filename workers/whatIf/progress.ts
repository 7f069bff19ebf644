/** Says how far something is, on standard error: at a terminal on one line, elsewhere now and then. */
export type Progress = {
  /** What is being done from now on. */
  begin(what: string): void
  /** Which share of it is done. */
  at(share: number): void
  end(): void
}

export type Screen = { readonly isTTY?: boolean; write(text: string): unknown }

const everyMs = 200
const everyMsElsewhere = 5_000

export function createProgress(screen: Screen, clock = () => performance.now()): Progress {
  const isTerminal = screen.isTTY === true
  let what = ''
  let saidAt = 0
  let width = 0
  const say = (text: string) => {
    saidAt = clock()
    if (!isTerminal) return void screen.write(`${text}\n`)
    screen.write(`\r${text.padEnd(width)}`)
    width = text.length
  }
  return {
    begin: next => {
      what = next
      say(`${what} …`)
    },
    at: share => {
      if (clock() - saidAt < (isTerminal ? everyMs : everyMsElsewhere)) return
      say(`${what} … ${Math.min(100, Math.floor(share * 100))} %`)
    },
    end: () => {
      if (isTerminal) screen.write(`\r${' '.repeat(width)}\r`)
      width = 0
    },
  }
}
