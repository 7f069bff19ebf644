import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import { expect, test } from 'vitest'
import { projectFolder } from './setup/places.ts'

const dockerfile = DockerfileParser.parse(readFileSync(join(projectFolder, 'Dockerfile'), 'utf8'))
const instructions = dockerfile.getInstructions()
const ignored = readFileSync(join(projectFolder, '.dockerignore'), 'utf8').split('\n')

/** What the arguments of every instruction of a kind say. */
function said(keyword: string): string[] {
  const ofKind = instructions.filter(instruction => instruction.getKeyword() === keyword)
  return ofKind.map(instruction => instruction.getArgumentsContent() ?? '')
}

test('the image stands on Debian 13, which has the glibc that uWebSockets.js wants', () => {
  expect(dockerfile.getFROMs().map(from => from.getImage())).toEqual([
    'node:24-trixie-slim',
    'node:24-trixie-slim',
  ])
})

test('it does not run as root, and the last word on that is said before the start', () => {
  expect(said('USER')).toEqual(['node'])
  const order = instructions.map(instruction => instruction.getKeyword())
  expect(order.lastIndexOf('RUN')).toBeLessThan(order.indexOf('USER'))
  expect(order.indexOf('USER')).toBeLessThan(order.indexOf('ENTRYPOINT'))
})

test('the role is an argument, and signals reach Node: no shell stands between', () => {
  expect(JSON.parse(said('ENTRYPOINT')[0] ?? '')).toEqual(['node', 'gateway/main.ts'])
  expect(JSON.parse(said('CMD')[0] ?? '')).toEqual(['start'])
  expect(said('STOPSIGNAL')).toEqual(['SIGTERM'])
})

test('health is asked of the public listener, without curl', () => {
  const [check] = said('HEALTHCHECK')
  const command = JSON.parse(check?.slice(check.indexOf('[')) ?? '') as string[]
  expect(command.slice(0, 2)).toEqual(['node', '-e'])
  expect(command[2]).toContain('http://127.0.0.1:8080/healthz')
  expect(() => new Function(command[2] ?? '')).not.toThrow()
})

test('what is copied is there, reaches the builder, and holds all that runs', () => {
  const sources = dockerfile.getCOPYs().flatMap(copy => {
    const isFromStage = copy.getFlags().some(flag => flag.getName() === 'from')
    return isFromStage
      ? []
      : copy
          .getArguments()
          .slice(0, -1)
          .map(argument => argument.getValue())
  })
  expect(sources).toEqual(
    expect.arrayContaining(['core', 'config', 'gateway', 'workers', 'LICENSE', 'NOTICE']),
  )
  for (const source of sources) {
    expect(existsSync(join(projectFolder, source)), source).toBe(true)
    expect(ignored, source).toContain(`!${source}`)
  }
})

test('nothing is fetched that has no checksum, and what the process may write is a volume', () => {
  expect(said('ADD')).toEqual([])
  expect(said('RUN').join('\n')).not.toMatch(/curl|wget|npm install/)
  expect(said('VOLUME')).toEqual(['/app/data'])
})

/** Section.Key → values, in order. */
function unitSettings(): Map<string, string[]> {
  const settings = new Map<string, string[]>()
  let section = ''
  for (const line of readFileSync(join(import.meta.dirname, 'ringtrail.service'), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (key !== undefined)
      settings.set(`${section}.${key}`, [...(settings.get(`${section}.${key}`) ?? []), value ?? ''])
  }
  return settings
}

test('the systemd unit starts what is there, as nobody in particular, and again after a failure', () => {
  const unit = unitSettings()
  const [command] = unit.get('Service.ExecStart') ?? []
  const entry = /\/opt\/ringtrail\/(\S+\.ts) start --config/.exec(command ?? '')?.[1]
  expect(entry).toBe('gateway/main.ts')
  expect(unit.get('Service.DynamicUser')).toEqual(['yes'])
  expect(unit.get('Service.StateDirectory')).toEqual(['ringtrail'])
  expect(unit.get('Service.Restart')).toEqual(['on-failure'])
  expect(unit.get('Service.NoNewPrivileges')).toEqual(['yes'])
  expect(unit.has('Service.MemoryDenyWriteExecute')).toBe(false)
})

test('the unit gives a clean stop the time it needs, and sockets the files', () => {
  const unit = unitSettings()
  const stopSeconds = Number.parseInt(unit.get('Service.TimeoutStopSec')?.[0] ?? '', 10)
  expect(stopSeconds).toBeGreaterThan(10)
  expect(Number(unit.get('Service.LimitNOFILE')?.[0])).toBeGreaterThanOrEqual(262_144)
})
