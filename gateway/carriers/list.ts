import type { Carrier } from './carrier.ts'
import { generic } from './generic.ts'
import { twilio } from './twilio.ts'

/** Every carrier, one line each. Its file, its fixtures and this line are all that a new one needs. */
const all: readonly Carrier[] = [generic, twilio]

/** By the name that stands in the address. */
export const carriers: ReadonlyMap<string, Carrier> = new Map(all.map(carrier => [carrier.name, carrier]))
