import { expect, test } from 'vitest'
import { egressDoors, opensConnections } from './egressDoors.ts'
import { codeFiles } from './sourceFiles.ts'

test('no file opens a connection but the doors that are listed, and each of these does', () => {
  const found = codeFiles()
    .filter(opensConnections)
    .map(({ path }) => path)
  expect(found.sort()).toEqual(Object.keys(egressDoors).sort())
})

test('the door to the log asks whether the address is allowed', () => {
  const door = codeFiles().find(({ path }) => path === 'config/nats.ts')?.text ?? ''
  expect(door).toContain('servers: allowedServers(options)')
  expect(door).toContain('ignoreClusterUpdates: true')
  expect(door.match(/\bconnect\(/g)).toHaveLength(1)
})

test.each([
  "import { connect } from 'node:net'",
  "import { connect } from 'net'",
  "import { BlockList, connect } from 'node:net'",
  "import { request } from 'node:https'",
  "const { lookup } = await import('node:dns/promises')",
  "import { createSocket } from 'node:dgram'",
  "await fetch('https://telemetry.example')",
  "new WebSocket('wss://telemetry.example')",
  "import WebSocket from 'ws'",
])('%s is seen', text => {
  expect(opensConnections({ path: 'gateway/sink.ts', text })).toBe(true)
})

test.each([
  "import { BlockList, isIP } from 'node:net'",
  '// fetch() is not called here',
  'places.prefetch(debian)',
])('%s opens nothing', text => {
  expect(opensConnections({ path: 'gateway/sink.ts', text })).toBe(false)
})
