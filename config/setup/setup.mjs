// What npm runs after an install, under whatever Node there is; so this file has no types.
// It makes uWebSockets.js loadable where glibc is older than its binary wants, and says so when something is missing.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `Ringtrail needs Node 24.12 or newer and found ${process.versions.node}. npm ci brings one along (the dev ` +
      'dependency "node"); it is missing if dev dependencies were left out or install scripts are switched off.',
  )
  process.exit(1)
}

try {
  const { setUp } = await import('./setUp.ts')
  const said = setUp()
  if (!process.argv.includes('--quiet')) console.log(said)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
