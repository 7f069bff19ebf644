/** The facts of an audit record that ride with an entry of the log. Ids and counts, never personal values. */
export type Note = {
  readonly action: string
  /** The id of an access key, `local` for the machine’s own token, `system`. */
  readonly actor: string
  readonly role: string
  /** Keyed references, never raw ids. */
  readonly subjects: readonly string[]
  readonly request: string | null
  readonly purpose: string | null
  readonly counts: Readonly<Record<string, number>>
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}
