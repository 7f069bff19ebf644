import { type ErasureReceipt, erasureReceipt } from '../../core/receipt.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import type { Asked } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import type { Tenant } from '../tenants.ts'
import type { Answer } from '../uws.ts'

export const receiptAnswer = erasureReceipt

/** `GET …/erasures/{request}`: the receipt, signed by the owner, as of now. */
export async function receipt(desk: AdminDesk, asked: Asked & { readonly tenant: Tenant }): Promise<Answer> {
  const { tenant, params } = asked
  const { request = '' } = params
  const reply = await desk.owners.ask(tenant.partition, { kind: 'receipt', tenant: tenant.id, request })
  if (reply.kind !== 'receipt') return refusal('not-now')
  if (reply.receipt === null) return refusal('unknown-request')
  const problem = await desk.issuing(asked, reply.receipt as ErasureReceipt)
  return problem === null ? jsonAnswer(200, reply.receipt) : refusal(problem)
}
