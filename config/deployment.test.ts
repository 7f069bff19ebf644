import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { environment } from './layers.ts'
import { findNatsServer } from './setup/natsServer.ts'
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
function unitSettings(name = 'ringtrail.service'): Map<string, string[]> {
  const settings = new Map<string, string[]>()
  let section = ''
  for (const line of readFileSync(join(import.meta.dirname, name), 'utf8').split('\n')) {
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

test('the unit of a role is the same but for the role, and each has a directory of its own', () => {
  const [whole, role] = [unitSettings(), unitSettings('ringtrail@.service')]
  const own = [
    'Service.ExecStart',
    'Service.ExecReload',
    'Service.Environment',
    'Service.StateDirectory',
    'Unit.Description',
  ]
  const others = (unit: typeof whole) =>
    [...unit].filter(
      ([key]) => ![...own, 'Service.WorkingDirectory', 'Service.EnvironmentFile'].includes(key),
    )
  expect(others(role)).toEqual(others(whole))
  expect(role.get('Service.ExecStart')?.[0]).toMatch(/\/gateway\/main\.ts %i --config \S+ \$ROLE_ARGUMENTS$/)
  expect(role.get('Service.StateDirectory')).toEqual(['ringtrail-%i'])
  expect(role.get('Service.Environment')).toContain('RINGTRAIL_DATA_DIR=%S/ringtrail-%i')
})

type Service = {
  readonly image: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly volumes: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
}

const compose = parse(readFileSync(join(import.meta.dirname, 'compose.yaml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, null>>
}
const ours = Object.entries(compose.services).filter(([, { image }]) => image === 'ringtrail')

test('compose starts one nats-server, two gateways and one worker', () => {
  expect(Object.keys(compose.services)).toEqual(['nats', 'gateway-1', 'gateway-2', 'worker'])
  expect(ours.map(([, { command }]) => command[0])).toEqual(['gateway', 'gateway', 'worker'])
})

test('every part of compose has a volume of its own, and settings that have an effect', () => {
  const volumes = Object.values(compose.services).map(service => String(service.volumes.at(-1)).split(':')[0])
  expect(volumes).toEqual(Object.keys(compose.services))
  expect(Object.keys(compose.volumes)).toEqual(volumes)
  for (const [name, service] of ours) {
    expect(service.volumes.at(-1), name).toBe(`${name}:/app/data`)
    expect(Object.keys(environment)).toEqual(expect.arrayContaining(Object.keys(service.environment)))
  }
  const [command, evaluate, text] = compose.services.worker?.healthcheck?.test.slice(1) ?? []
  expect([command, evaluate]).toEqual(['node', '-e'])
  expect(() => new Function(text ?? '')).not.toThrow()
})

test('nats-server takes the configuration that compose gives it', async () => {
  const { path } = await findNatsServer()
  const file = join(import.meta.dirname, 'nats-server.conf')
  expect(compose.services.nats?.volumes[0]).toMatch(/^\.\/nats-server\.conf:/)
  const env = { ...process.env, NATS_PASSWORD: 'of-the-test' }
  const { status, stderr } = spawnSync(path, ['-t', '-c', file], { env, encoding: 'utf8' })
  expect(stderr).toContain('is valid')
  expect(status).toBe(0)
})
