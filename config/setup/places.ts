import { join } from 'node:path'

/** The folder that holds package.json and node_modules. */
export const projectFolder = join(import.meta.dirname, '..', '..')

/** Where programs that no package manager installed for us are kept; not under version control. */
export const runtimeFolder = join(projectFolder, '.runtime')
