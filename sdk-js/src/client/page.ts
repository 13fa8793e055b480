import type { Answer } from './answer.js'

/** One page of a list. */
export interface Page<T> {
  readonly data: readonly T[]
  /** Whether there are more entries behind this page. */
  readonly hasMore: boolean
  /** Where the next page begins; undefined when there is none. */
  readonly nextCursor: bigint | undefined
}

/** Which page of a list that goes downwards. */
export interface BeforeParameters {
  /** Only entries below this cursor; the newest if absent. */
  readonly before?: bigint
  /** Entries, 1 to 100; 20 if absent. */
  readonly limit?: number
}

/** The page that an answer holds. */
export function pageOf<T>(answer: Answer, read: (item: Answer) => T): Page<T> {
  return {
    data: answer.list('data', read),
    hasMore: answer.bool('has_more'),
    nextCursor: answer.isNull('next_cursor') ? undefined : answer.integer('next_cursor'),
  }
}
