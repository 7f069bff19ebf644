import { writeFileSync } from 'node:fs'
import { configJsonSchema } from './config.ts'

/** `node config/writeSchema.ts`: puts the committed JSON Schema for editors in step with `schema.ts`. */
writeFileSync(
  new URL('ringtrail.schema.json', import.meta.url),
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
)
