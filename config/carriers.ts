import type { Environment } from './layers.ts'
import type { Path } from './position.ts'
import type { Findings } from './problem.ts'
import { secretsOf, type Secret } from './secrets.ts'
import type { TenantSettings } from './tenantSchema.ts'
import type { CarrierSecrets } from './types.ts'

/**
 * The environment's name for a tenant's secret: `RINGTRAIL_TENANT_ACME_TWILIO_AUTH_TOKEN` for tenant `acme`. Several
 * have commas between. It wins over the file; the carrier itself has to stand in the file (`twilio: {}`).
 */
function secretVariable(tenant: string, setting: string): string {
  return `RINGTRAIL_TENANT_${tenant.toUpperCase().replaceAll('-', '_')}_${setting}`
}

/** The variables that a tenant's carriers look at. */
export function secretVariables({ id, carriers }: TenantSettings): readonly string[] {
  return [
    ...(carriers.generic ? ['GENERIC_SECRETS', 'GENERIC_BEARER'] : []),
    ...(carriers.twilio ? ['TWILIO_AUTH_TOKEN'] : []),
  ].map(setting => secretVariable(id, setting))
}

/** The secrets of a tenant's carriers; a carrier that could not check anybody is a problem. */
export function readCarriers(
  settings: TenantSettings,
  path: Path,
  env: Environment,
  findings: Findings,
): CarrierSecrets {
  const { generic, twilio } = settings.carriers
  const read = (
    carrier: string,
    name: string,
    written: string | readonly string[] | null,
    file: string | null,
    as: string,
  ) =>
    secretsOf(
      {
        path: [...path, carrier, name],
        written,
        filePath: [...path, carrier, `${name}File`],
        file,
        variable: secretVariable(settings.id, as),
      },
      env,
      findings,
    )
  return {
    generic: generic && {
      secrets: signing(
        read('generic', 'secrets', generic.secrets, generic.secretsFile, 'GENERIC_SECRETS'),
        [...path, 'generic'],
        findings,
      ),
      bearers: longEnough(
        read('generic', 'bearer', generic.bearer, generic.bearerFile, 'GENERIC_BEARER'),
        [...path, 'generic', 'bearer'],
        findings,
      ),
    },
    twilio: twilio && {
      authTokens: read('twilio', 'authToken', twilio.authToken, twilio.authTokenFile, 'TWILIO_AUTH_TOKEN'),
    },
  }
}

/** Reports carriers that have no secret at all; a file that could not be read was reported already. */
export function checkCarriers(
  carriers: CarrierSecrets,
  path: Path,
  publicUrl: string | null,
  findings: Findings,
): void {
  const { generic, twilio } = carriers
  const failed = (carrier: string, ...names: string[]) =>
    names.some(name => findings.about([...path, carrier, name]))
  if (generic && generic.secrets.length + generic.bearers.length === 0) {
    if (!failed('generic', 'secrets', 'secretsFile', 'bearer', 'bearerFile')) {
      findings.report([...path, 'generic'], 'has no secret: give secrets, secretsFile, bearer or bearerFile')
    }
  }
  if (twilio?.authTokens.length === 0 && !failed('twilio', 'authToken', 'authTokenFile')) {
    findings.report([...path, 'twilio'], 'has no secret: give authToken or authTokenFile')
  }
  if (twilio && publicUrl === null && !findings.about(['publicUrl'])) {
    findings.report(
      [...path, 'twilio'],
      'needs publicUrl: the signature of this carrier covers the address that it called',
    )
  }
}

const bearerCharsMin = 32

/** A bearer is all that a stranger has to guess. It is a carrier's to change, so a short one goes on working. */
function longEnough(bearers: readonly Secret[], path: Path, findings: Findings): readonly Secret[] {
  if (bearers.some(bearer => bearer.reveal().length < bearerCharsMin))
    findings.warn(
      path,
      `is shorter than ${bearerCharsMin} characters: "openssl rand -hex 32" makes a good one`,
    )
  return bearers
}

/** Standard Webhooks secrets: `whsec_` and base64 of 24 to 64 bytes. */
function signing(secrets: readonly Secret[], path: Path, findings: Findings): readonly Secret[] {
  for (const [index, secret] of secrets.entries()) {
    const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret.reveal()) ?? []
    const bytes = Buffer.from(base64, 'base64').length
    if (bytes < 24 || bytes > 64) {
      findings.report([...path, 'secrets', index], 'has to be whsec_ and the base64 of 24 to 64 random bytes')
    }
  }
  return secrets
}
