/** The one tenant whose events are priced. */
export const carrierBearer = 'bench-bearer-0123456789-0123456789'
export const visitorOrigin = 'https://shop.example'
export const priceSite = 'pk_bench'
/** The two doors: behind one of them events are sealed. */
export const sides = ['sealed', 'unsealed'] as const

export const configText = `
partitions: 1
tenants:
  - id: bench
    consent: assumed
    sites: [{ key: ${priceSite}, origins: ["${visitorOrigin}"], bots: allow }]
    defaultForward: "+45 78 79 22 22"
    targets: [{ id: sales, replace: "+45 78 79 22 22", forward: "+45 78 79 22 22", pool: sales }]
    pools: [{ id: sales, numbers: ["+4570000001..+4570001000"] }]
    carriers: { generic: { bearer: "${carrierBearer}" } }
`
