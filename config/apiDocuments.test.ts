import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { expect, test } from 'vitest'
import { apiDocuments } from './apiDocuments.ts'

const load = createRequire(import.meta.url)

test.each(Object.entries(apiDocuments))(
  '%s follows from the schemas that check the messages',
  (file, text) => {
    expect(JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'))).toEqual(JSON.parse(text()))
  },
)

test('asyncapi.json is AsyncAPI 3.0, and a damaged one is not', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
  formats.default(ajv)
  const isAsyncApi = ajv.compile(load('@asyncapi/specs/schemas/3.0.0-without-$id.json'))
  const document = JSON.parse(apiDocuments['asyncapi.json']()) as Record<string, unknown>
  isAsyncApi(document)
  expect(isAsyncApi.errors).toBeNull()
  expect(isAsyncApi({ ...document, operations: { takeVisit: { action: 'hear' } } })).toBe(false)
})

test('every reference in both documents leads somewhere', () => {
  for (const text of Object.values(apiDocuments)) {
    const document = JSON.parse(text()) as unknown
    const references = [...text().matchAll(/"\$ref": "#\/([^"]+)"/g)].map(found => found[1] as string)
    expect(references.length).toBeGreaterThan(0)
    for (const reference of references) expect(lookUp(document, reference), reference).toBeDefined()
  }
})

function lookUp(document: unknown, reference: string): unknown {
  return reference
    .split('/')
    .reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], document)
}
