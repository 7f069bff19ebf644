/** The facts of an audit record that ride with an entry of the log. */
export { type Note, noteForm } from '../audit.ts'
