import type { Client } from './createClient.js'
import { request } from './request.js'

/** Methods and queries of a DApp, from its manifest. */
export async function describeDApp(client: Client): Promise<unknown> {
  return (await request(client, { path: '/dapp' })).any('description')
}
