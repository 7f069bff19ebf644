/** A deliberate break, as edits of the core's text (`breaks.ts`). */
type Edit = { readonly file: string; readonly find: string; readonly replace: string }

export type Break = { readonly name: string; readonly edits: readonly Edit[] }

export const one = (name: string, file: string, find: string, replace: string): Break => ({
  name,
  edits: [{ file: `core/${file}`, find, replace }],
})
