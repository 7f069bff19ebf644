import { createDecipheriv, hkdfSync, type KeyObject } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agreedKey } from '../../config/intakeKeys.ts'
import { secretKey, unwrap } from '../../config/keyWrap.ts'
import { recordKey } from '../../config/sealing.ts'
import { pageKeys } from '../../workers/keys/ground.ts'
import { openVault, slotBytes } from '../../workers/keys/vault.ts'

/**
 * What somebody can read who has every file of a system and its root key. Nothing is asked of the system's own stores: sealed
 * parts, wrapped keys and halves are found in the raw bytes by how they are framed, also where no row names them any more,
 * and every key is tried on every part, whatever it says whose it is and whether or not its tag is right.
 */

export type RawFile = { readonly path: string; readonly bytes: Buffer }

export function readAll(folders: readonly string[]): RawFile[] {
  return folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .map(path => ({ path, bytes: readFileSync(path) })),
  )
}

/** A sealed part in a file. `key`: the id of the subject's key, in hex. */
export type SealedPart = { readonly path: string; readonly key: string; readonly bytes: Buffer }
/** `secret`: the subject's, in hex. */
export type OpenedPart = {
  readonly path: string
  readonly key: string
  readonly secret: string
  readonly text: string
}
export type Loot = {
  readonly parts: readonly SealedPart[]
  readonly opened: readonly OpenedPart[]
  /** Every secret that was got at, in hex: of subjects, periods, blocks and intake halves. */
  readonly secrets: ReadonlySet<string>
}

const [bin8, bin16] = [0xc4, 0xc5]
const [secretBytes, wrappedBytes, idBytes, nonceBytes, headBytes, tagBytes] = [32, 60, 12, 12, 37, 16]
/** A subject's key in the key store, with its name: two bytes of length, `v:` or `c:`, and 22 characters. */
const keptBytes = secretBytes + 2 + 24
const names = ['v:', 'c:'].map(kind => Buffer.from(`\0\x18${kind}`))

export function decryptAll(files: readonly RawFile[], keyDir: string, rootKey: Buffer, tenant: string): Loot {
  const vault = vaultKeys(keyDir, rootKey)
  const parts = files.flatMap(sealedParts)
  const wraps = unique(files.flatMap(({ bytes }) => framed(bytes, wrappedBytes)))
  const ids = unique([
    ...wraps.map(wrapped => wrapped.subarray(0, idBytes)),
    ...parts.map(({ key }) => Buffer.from(key, 'hex')),
  ])
  const secrets = unique([
    ...vault,
    ...unwrapAll(wraps, agreedKeys(files, vault), wrapped => wrapped.subarray(0, idBytes)),
    ...keptSecrets(files, ids, vault),
  ])
  return { parts, opened: openAll(parts, secrets, tenant), secrets: new Set(secrets.map(hex)) }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function unique(all: readonly Buffer[]): Buffer[] {
  return [...new Map(all.map(one => [hex(one), one])).values()]
}

/** Every slot that the root key opens, named by a row or not. */
function vaultKeys(keyDir: string, rootKey: Buffer): Buffer[] {
  const key = secretKey(Buffer.from(hkdfSync('sha256', rootKey, '', 'ringtrail vault v1', secretBytes)))
  return readAll([keyDir])
    .filter(({ path }) => path.endsWith('vault'))
    .flatMap(({ path, bytes }) => {
      const copy = mkdtempSync(join(tmpdir(), 'ringtrail-vault-'))
      cpSync(path, join(copy, 'vault'))
      const vault = openVault(join(copy, 'vault'), key)
      const found = Array.from({ length: bytes.length / slotBytes }, (_, slot) => vault.read(slot))
      vault.close()
      rmSync(copy, { recursive: true })
      return found.filter(one => one !== null)
    })
}

/** Byte strings of this length, as messages hold them. */
function framed(bytes: Buffer, length: number): Buffer[] {
  const found: Buffer[] = []
  const head = Buffer.of(bin8, length)
  for (let at = bytes.indexOf(head); at >= 0; at = bytes.indexOf(head, at + 1)) {
    const inner = bytes.subarray(at + 2, at + 2 + length)
    if (inner.length === length) found.push(inner)
  }
  return found
}

/** What the halves of gateways that messages name make with those that the vault still opens. */
function agreedKeys(files: readonly RawFile[], vault: readonly Buffer[]): KeyObject[] {
  const halves = unique(files.flatMap(({ bytes }) => framed(bytes, secretBytes)))
  return halves.flatMap(half => vault.flatMap(own => agreed(own, half)))
}

function agreed(own: Buffer, half: Buffer): KeyObject[] {
  try {
    return [agreedKey(own, half)]
  } catch {
    return []
  }
}

function unwrapAll(
  wraps: readonly Buffer[],
  keys: readonly KeyObject[],
  boundTo: (wrapped: Buffer) => Uint8Array,
): Buffer[] {
  return wraps.flatMap(wrapped =>
    keys
      .flatMap(key => unwrap(wrapped, key, boundTo(wrapped)) ?? [])
      .map(one => one.subarray(0, secretBytes)),
  )
}

/** Pages of the key store, those in free pages of the file too: around the id of a key, under any key of the vault. */
function keptSecrets(files: readonly RawFile[], ids: readonly Buffer[], vault: readonly Buffer[]): Buffer[] {
  const keys = vault.map(one => secretKey(one))
  const pages = unique(ids.flatMap(id => files.flatMap(({ bytes }) => pagesAround(bytes, id))))
  return pages.flatMap(page => keys.flatMap(key => secretsOn(page, key)))
}

/** Whatever may be a page (workers/keys/pages.ts) that holds this id; by chance a few others may be too. */
function pagesAround(bytes: Buffer, id: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = bytes.indexOf(id); at >= 0; at = bytes.indexOf(id, at + 1)) {
    for (let before = 0; before < pageKeys; before++) {
      const from = at - 1 - before * idBytes
      const many = bytes[from] ?? 0
      const page = bytes.subarray(from, from + 1 + many * (idBytes + keptBytes) + nonceBytes + tagBytes)
      if (many > before && many <= pageKeys && page.length > 1 + many * idBytes + nonceBytes) found.push(page)
    }
  }
  return found
}

/** What lies where a key would, with a name behind it. */
function secretsOn(page: Buffer, key: KeyObject): Buffer[] {
  const many = page[0] ?? 0
  const nonceAt = 1 + many * idBytes
  const opening = createDecipheriv('aes-256-gcm', key, page.subarray(nonceAt, nonceAt + nonceBytes))
  const plain = opening.update(page.subarray(nonceAt + nonceBytes))
  return Array.from({ length: many }, (_, index) =>
    plain.subarray(index * keptBytes, (index + 1) * keptBytes),
  )
    .filter(kept => names.some(name => kept.indexOf(name, secretBytes) === secretBytes))
    .map(kept => kept.subarray(0, secretBytes))
}

/** Byte strings that begin as a sealed part does. By chance a few others do too: no key opens them. */
function sealedParts({ path, bytes }: RawFile): SealedPart[] {
  const found: SealedPart[] = []
  for (let at = bytes.indexOf(1, 2); at >= 0; at = bytes.indexOf(1, at + 1)) {
    const length = lengthBefore(bytes, at)
    if (length < headBytes + tagBytes || at + length > bytes.length) continue
    const part = bytes.subarray(at, at + length)
    found.push({ path, key: hex(part.subarray(1, 1 + idBytes)), bytes: part })
  }
  return found
}

function lengthBefore(bytes: Buffer, at: number): number {
  if (bytes[at - 2] === bin8) return bytes.readUInt8(at - 1)
  return at >= 3 && bytes[at - 3] === bin16 ? bytes.readUInt16BE(at - 2) : 0
}

function openAll(parts: readonly SealedPart[], secrets: readonly Buffer[], tenant: string): OpenedPart[] {
  const pairs = secrets.flatMap(one =>
    secrets.map(other => ({ secret: hex(one), both: recordKey(one, other, tenant) })),
  )
  return parts.flatMap(({ path, key, bytes }) =>
    pairs.flatMap(({ secret, both }) => {
      const text = deciphered(bytes, both)
      return text === null ? [] : [{ path, key, secret, text }]
    }),
  )
}

/** Without its tag, which asks where the part belongs. What it holds is a small map of MessagePack, or it is another's key. */
function deciphered(bytes: Buffer, key: KeyObject): string | null {
  const opening = createDecipheriv('aes-256-gcm', key, bytes.subarray(25, headBytes))
  const plain = opening.update(bytes.subarray(headBytes, bytes.length - tagBytes))
  const first = plain[0] ?? 0
  return first >> 4 === 0x8 || first === 0xde ? plain.toString('latin1') : null
}
