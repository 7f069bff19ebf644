/** What is going to happen, earliest first; of equal times what was put down first. */
export type Agenda = {
  put(at: number, act: (at: number) => void): void
  /** Does everything, in order, until nothing is left or `until`. */
  run(until: number): void
}

type Item = { readonly at: number; readonly order: number; readonly act: (at: number) => void }

export function createAgenda(): Agenda {
  const heap: Item[] = []
  let order = 0
  const isBefore = (one: number, other: number) => {
    const [a, b] = [heap[one] as Item, heap[other] as Item]
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }
  const swap = (one: number, other: number) => {
    const kept = heap[one] as Item
    heap[one] = heap[other] as Item
    heap[other] = kept
  }
  const rise = (place: number) => {
    for (let at = place; at > 0 && isBefore(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1)
  }
  const sink = () => {
    for (let at = 0; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && isBefore(child, least)) least = child
      if (least === at) return
      swap(at, least)
      at = least
    }
  }
  const take = (): Item => {
    const first = heap[0] as Item
    const last = heap.pop() as Item
    if (heap.length > 0) {
      heap[0] = last
      sink()
    }
    return first
  }
  return {
    put: (at, act) => {
      heap.push({ at, order: order++, act })
      rise(heap.length - 1)
    },
    run: until => {
      while (heap[0] !== undefined && heap[0].at < until) {
        const { at, act } = take()
        act(at)
      }
    },
  }
}
