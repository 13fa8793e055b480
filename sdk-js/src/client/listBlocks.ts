import type { Client } from './createClient.js'
import { blockOf, type BlockView } from './getBlock.js'
import { pageOf, type BeforeParameters, type Page } from './page.js'
import { request } from './request.js'

/** Blocks, newest first. */
export async function listBlocks(
  client: Client,
  { before, limit }: BeforeParameters = {},
): Promise<Page<BlockView>> {
  return pageOf(await request(client, { path: '/blocks', query: { before, limit } }), blockOf)
}
