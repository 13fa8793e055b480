import type { Client } from './createClient.js'
import { addressOf } from './getAccount.js'
import { transactionOf, type TransactionView } from './getTransaction.js'
import { pageOf, type BeforeParameters, type Page } from './page.js'
import { request } from './request.js'

/** Transactions that an account sent or consented to, newest first. */
export async function listAccountTransactions(
  client: Client,
  account: Uint8Array | string,
  { before, limit }: BeforeParameters = {},
): Promise<Page<TransactionView>> {
  const path = `/accounts/${addressOf(account)}/transactions`
  return pageOf(await request(client, { path, query: { before, limit } }), transactionOf)
}
