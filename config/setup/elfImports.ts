/**
 * Lets a prebuilt ELF64 addon that wants nothing newer than the C23 number parsers load on an older glibc.
 *
 * glibc 2.38 gave `strtol` and its kin a second name, `__isoc23_strtol`, which also reads C23's `0b…` literals; a
 * compiler on a newer system asks for that name. The older name is the end of the newer one, so in the string table
 * only the start of the name moves.
 */

const sectionTypes = { dynamicSymbols: 11, versionOfSymbol: 0x6fffffff, versionsNeeded: 0x6ffffffe } as const
const newerPrefix = '__isoc23_'
const newerVersion = 'GLIBC_2.38'
// The first glibc of x64 and of arm64, in this order: every later one still answers to it.
const baseVersions = ['GLIBC_2.2.5', 'GLIBC_2.17']
const versionMask = 0x7fff
const weakFlag = 2
const symbolBytes = 24

type Section = { type: number; offset: number; size: number; link: number; count: number }
type Version = { library: string; name: string; index: number; offset: number }
type Elf = { image: Buffer; sections: Section[]; strings: number }

/** Returns a copy whose C23 imports carry their older names. Throws when it wants anything else that is too new. */
export function lowerImports(original: Buffer): Buffer {
  const elf = readElf(Buffer.from(original))
  const versions = versionsNeeded(elf)
  const ofLibc = versions.filter(({ library }) => library === 'libc.so.6')
  const base = baseVersions.map(name => ofLibc.find(version => version.name === name)).find(Boolean)
  if (base === undefined) throw new Error('the addon names no base version of glibc')
  const tooNew = versions.filter(({ name }) => name === newerVersion)
  lowerSymbols(elf, new Set(tooNew.map(({ index }) => index)), base.index)
  for (const { offset } of tooNew) {
    elf.image.writeUInt16LE(elf.image.readUInt16LE(offset + 4) | weakFlag, offset + 4)
  }
  return elf.image
}

function readElf(image: Buffer): Elf {
  const isElf64LittleEndian = image.readUInt32BE(0) === 0x7f454c46 && image[4] === 2 && image[5] === 1
  if (!isElf64LittleEndian) throw new Error('the addon is not a 64-bit little-endian ELF file')
  const first = Number(image.readBigUInt64LE(0x28))
  const size = image.readUInt16LE(0x3a)
  const sections = Array.from({ length: image.readUInt16LE(0x3c) }, (_, index) =>
    readSection(image, first + index * size),
  )
  const table = sections[sectionOf(sections, sectionTypes.dynamicSymbols).link]
  if (table === undefined) throw new Error('the addon has no table of names')
  return { image, sections, strings: table.offset }
}

function readSection(image: Buffer, at: number): Section {
  return {
    type: image.readUInt32LE(at + 4),
    offset: Number(image.readBigUInt64LE(at + 24)),
    size: Number(image.readBigUInt64LE(at + 32)),
    link: image.readUInt32LE(at + 40),
    count: image.readUInt32LE(at + 44),
  }
}

function sectionOf(sections: readonly Section[], type: number): Section {
  const section = sections.find(candidate => candidate.type === type)
  if (section === undefined) throw new Error(`the addon has no section of type ${type.toString(16)}`)
  return section
}

function nameAt({ image, strings }: Elf, offset: number): string {
  const start = strings + offset
  return image.toString('latin1', start, image.indexOf(0, start))
}

function versionsNeeded(elf: Elf): Version[] {
  const section = sectionOf(elf.sections, sectionTypes.versionsNeeded)
  const versions: Version[] = []
  let at = section.offset
  for (let library = 0; library < section.count; library++) {
    versions.push(...versionsOfLibrary(elf, at))
    at += elf.image.readUInt32LE(at + 12)
  }
  return versions
}

function versionsOfLibrary(elf: Elf, at: number): Version[] {
  const { image } = elf
  const library = nameAt(elf, image.readUInt32LE(at + 4))
  const versions: Version[] = []
  let offset = at + image.readUInt32LE(at + 8)
  for (let index = 0; index < image.readUInt16LE(at + 2); index++) {
    const name = nameAt(elf, image.readUInt32LE(offset + 8))
    versions.push({ library, name, index: image.readUInt16LE(offset + 6), offset })
    offset += image.readUInt32LE(offset + 12)
  }
  return versions
}

function lowerSymbols(elf: Elf, tooNew: ReadonlySet<number>, baseIndex: number): void {
  const symbols = sectionOf(elf.sections, sectionTypes.dynamicSymbols)
  const versions = sectionOf(elf.sections, sectionTypes.versionOfSymbol)
  for (let index = 0; index < symbols.size / symbolBytes; index++) {
    const versionAt = versions.offset + index * 2
    if (!tooNew.has(elf.image.readUInt16LE(versionAt) & versionMask)) continue
    const symbolAt = symbols.offset + index * symbolBytes
    const nameOffset = elf.image.readUInt32LE(symbolAt)
    const name = nameAt(elf, nameOffset)
    if (!name.startsWith(newerPrefix)) throw new Error(`the addon needs ${name} of ${newerVersion}`)
    elf.image.writeUInt32LE(nameOffset + newerPrefix.length, symbolAt)
    elf.image.writeUInt16LE(baseIndex, versionAt)
  }
}
