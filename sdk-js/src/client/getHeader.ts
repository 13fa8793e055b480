import { certificateShape, type Certificate } from '../blocks/certificate.js'
import { delegateSetShape, type DelegateSet } from '../blocks/delegates.js'
import { headerShape, type Header } from '../blocks/header.js'
import type { Client } from './createClient.js'
import { request } from './request.js'

/** A header with what proves it; nothing here is checked yet. */
export interface HeaderBundle {
  readonly header: Header
  /** Null for genesis only. */
  readonly certificate: Certificate | null
  /** The set that signed it. */
  readonly delegates: DelegateSet
}

/** Header, certificate and delegates of a height: what `advance` checks. */
export async function getHeader(
  client: Client,
  height: bigint | 'latest' = 'latest',
): Promise<HeaderBundle> {
  const answer = await request(client, { path: `/headers/${height}` })
  return {
    header: answer.struct('header', headerShape),
    certificate: answer.isNull('certificate')
      ? null
      : answer.struct('certificate', certificateShape),
    delegates: answer.struct('delegates', delegateSetShape),
  }
}
