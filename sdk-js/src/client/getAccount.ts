import { encodeAddress } from '../crypto/address.js'
import type { Client } from './createClient.js'
import { request } from './request.js'

/** An account in the committed state. */
export interface AccountView {
  readonly address: string
  /** Height of the state it was read from. */
  readonly height: bigint
  /** Nonce that its next transaction carries. */
  readonly nonce: bigint
  /** Units by asset; assets it does not hold are left out. */
  readonly balances: ReadonlyMap<string, bigint>
  /** Whatever else the chain tells about it. */
  readonly details: unknown
}

/** Nonce and balances of a 20-byte account or an address; unused ones have nonce 0. */
export async function getAccount(
  client: Client,
  account: Uint8Array | string,
): Promise<AccountView> {
  const answer = await request(client, { path: `/accounts/${addressOf(account)}` })
  const balances = answer.object('balances')
  return {
    address: answer.text('address'),
    height: answer.integer('height'),
    nonce: answer.integer('nonce'),
    balances: new Map(balances.names().map((asset) => [asset, balances.integer(asset)])),
    details: answer.any('details'),
  }
}

/** The address of an account, for a path. */
export function addressOf(account: Uint8Array | string): string {
  return encodeURIComponent(typeof account === 'string' ? account : encodeAddress(account))
}
