/**
 * Time limits that are all equally long: whoever begins first is late first, so one timer serves all of them. A timer for
 * each would be made and taken back with every call.
 */
export type Budgets = {
  /** Calls `late` once when the time is up. Gives what takes that back. */
  begin(late: () => void): () => void
}

type Budget = { readonly endsAt: number; readonly late: () => void }

/** `clock`: milliseconds from any moment on, never back. */
export function createBudgets(budgetMs: number, clock: () => number): Budgets {
  // In the order in which they end.
  const running = new Set<Budget>()
  let armed = false
  const check = () => {
    const now = clock()
    for (const budget of running) {
      if (budget.endsAt > now) break
      running.delete(budget)
      budget.late()
    }
    armed = false
    const [next] = running
    if (next !== undefined) arm(next.endsAt - now)
  }
  const arm = (inMs: number) => {
    if (armed) return
    armed = true
    setTimeout(check, Math.ceil(inMs))
  }
  return {
    begin: late => {
      const budget = { endsAt: clock() + budgetMs, late }
      running.add(budget)
      arm(budgetMs)
      return () => void running.delete(budget)
    },
  }
}
