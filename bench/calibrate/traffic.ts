/** What happens on a site and on its phones, with who is behind it: known truth. It says nothing of who shows which number. */

export type Person = {
  readonly id: number
  /** The visitor ids that the site knows them by, the present one at the end. */
  readonly browsers: string[]
  /** What their phone shows to those whom they call; null: withheld. */
  readonly phone: string | null
  readonly onPhone: boolean
}

export type Visit = {
  readonly id: number
  readonly person: Person
  readonly visitor: string
}

/** What is dialled: what a visit showed when it was noted, or always the same number, by its place in the pool. */
export type Dialled = { readonly note: number } | { readonly place: number }

export type Call = {
  readonly id: number
  /** null: it was no visit that made the phone ring. */
  readonly person: Person | null
  readonly phone: string | null
  readonly dials: Dialled
}

export type Happening =
  /** A page is opened, and its socket. */
  | { readonly kind: 'open'; readonly at: number; readonly visit: Visit }
  | { readonly kind: 'page'; readonly at: number; readonly visit: Visit }
  /** The number was clicked or tapped. */
  | { readonly kind: 'click'; readonly at: number; readonly visit: Visit }
  /** The page is closed, or the machine sleeps; and wakes again. */
  | { readonly kind: 'close'; readonly at: number; readonly visit: Visit }
  | { readonly kind: 'wake'; readonly at: number; readonly visit: Visit }
  /** Somebody reads the number, to dial it now or later. */
  | { readonly kind: 'note'; readonly at: number; readonly visit: Visit; readonly note: number }
  | { readonly kind: 'ring'; readonly at: number; readonly call: Call }

export type Traffic = {
  readonly happenings: readonly Happening[]
  readonly visits: number
  readonly calls: number
}
