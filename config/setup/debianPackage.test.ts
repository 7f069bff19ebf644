import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fetchDebianPackage, isAsUnpacked } from './debianPackage.ts'
import { sha256 } from './uwsBinary.ts'

const bell = { name: 'ringtrail-bell', suite: 'here', path: 'usr/bin/bell' }
const hasApt = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb')

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringtrail-debian-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** An archive of one package in a folder, for the real apt-get and dpkg-deb, and without a network. */
function archiveOfOne(): string {
  const folder = freshFolder()
  const tree = join(folder, 'tree')
  const control = `Package: ${bell.name}\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\n`
  put(join(tree, 'DEBIAN/control'), `${control}Description: rings\n`)
  put(join(tree, bell.path), 'ring')
  put(join(tree, 'usr/share/doc', bell.name, 'copyright'), 'free')
  put(join(tree, 'usr/share/large'), 'what we do not use')
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', tree, join(folder, 'bell.deb')])
  const deb = readFileSync(join(folder, 'bell.deb'))
  const entry = `${control}Filename: ./bell.deb\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\nDescription: rings\n`
  put(join(folder, 'Packages'), entry)
  const hashes = `SHA256:\n ${sha256(Buffer.from(entry))} ${entry.length} Packages\n`
  put(join(folder, 'Release'), `Date: Mon, 01 Jan 2024 00:00:00 UTC\n${hashes}`)
  return folder
}

test.skipIf(!hasApt)('program, licence and origin are kept, and a change to it is noticed', async () => {
  const [archive, folder] = [archiveOfOne(), join(freshFolder(), 'bell')]
  await fetchDebianPackage(bell, folder, () => `deb [trusted=yes] file:${archive} ./`)
  expect(readdirSync(folder).sort()).toEqual(['copyright', 'origin.json', 'usr'])
  expect(existsSync(join(folder, 'usr/share'))).toBe(false)
  expect(readdirSync(dirname(folder))).toEqual(['bell'])
  expect(isAsUnpacked(folder, bell.path)).toBe(true)
  const debSha256 = sha256(readFileSync(join(archive, 'bell.deb')))
  expect(JSON.parse(readFileSync(join(folder, 'origin.json'), 'utf8'))).toMatchObject({
    suite: 'here',
    debSha256,
  })
  writeFileSync(join(folder, bell.path), 'rong')
  expect(isAsUnpacked(folder, bell.path)).toBe(false)
})

test.skipIf(!hasApt)('an archive that nobody signed is refused, and nothing is left behind', async () => {
  const [archive, parent] = [archiveOfOne(), freshFolder()]
  const fetching = fetchDebianPackage(bell, join(parent, 'bell'), () => `deb file:${archive} ./`)
  await expect(fetching).rejects.toThrow(/not signed/)
  expect(readdirSync(parent)).toEqual([])
})

test.skipIf(!hasApt)('a package that is not what the index says is refused', async () => {
  const [archive, parent] = [archiveOfOne(), freshFolder()]
  const deb = readFileSync(join(archive, 'bell.deb'))
  deb.writeUInt8(deb.readUInt8(deb.length - 1) ^ 1, deb.length - 1)
  writeFileSync(join(archive, 'bell.deb'), deb)
  const fetching = fetchDebianPackage(
    bell,
    join(parent, 'bell'),
    () => `deb [trusted=yes] file:${archive} ./`,
  )
  await expect(fetching).rejects.toThrow(/Hash Sum mismatch/)
  expect(readdirSync(parent)).toEqual([])
})

test.skipIf(!hasApt)('what another start unpacked in the meantime stays', async () => {
  const [archive, folder] = [archiveOfOne(), join(freshFolder(), 'bell')]
  const source = () => `deb [trusted=yes] file:${archive} ./`
  await fetchDebianPackage(bell, folder, source)
  writeFileSync(join(folder, 'mark'), '')
  await fetchDebianPackage(bell, folder, source)
  expect(existsSync(join(folder, 'mark'))).toBe(true)
})
