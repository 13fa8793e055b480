// @ts-check
// What the page asks of its node. Nothing but this node is ever asked.

const TIMEOUT_MS = 8000;

/** @typedef {{chain_id: string, name: string, height: number, path: string}} Chain */
/** @typedef {{height: number, id: string, time_ms: number, forger: string, round: number}} Header */
/** @typedef {{header: Header, transaction_count: number}} Block */
/** @typedef {{name?: string, url?: string, key?: string, public_key?: string, is_connected?: boolean, connected?: boolean}} Peer */
/** @typedef {{chain_id: string, name: string, height: number, time_ms: number, delegates: number, block_interval_ms: number, idle_interval_ms: number, node: Record<string, any>}} Status */
/** @typedef {{key: string, address: string, weight: string}} Delegate */
/** @typedef {{id: number, payer: string, payee: string, asset: string, amount: string, held: string, state: string, open_milestones: number, milestone_count: number}} Escrow */
/** @typedef {{cursor: number, height: number, name: string, data: Record<string, any>}} ChainEvent */

/** The node answered with something else than 200. */
export class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
async function get(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Refused(response.status);
  return response.json();
}

/** @returns {Promise<Chain[]>} */
export const fetchChains = async () => (await get("/api/v1/chains")).data;

/** @param {string} path @returns {Promise<Status>} */
export const fetchStatus = (path) => get(`${path}/status`);

/** @param {string} path @param {number} limit @returns {Promise<Block[]>} */
export const fetchBlocks = async (path, limit) => (await get(`${path}/blocks?limit=${limit}`)).data;

/** @param {string} path @returns {Promise<Delegate[]>} */
export const fetchDelegates = async (path) => (await get(`${path}/delegates`)).data;

/** @param {string} path @returns {Promise<Escrow[]>} newest first */
export async function fetchEscrows(path) {
  return (await get(`${path}/queries/escrows?order=desc&limit=12`)).data.data;
}

/**
 * Follow a chain's events; the browser connects again by itself.
 * @param {string} path
 * @param {(event: ChainEvent) => void} onEvent
 * @param {(isOpen: boolean) => void} onState
 */
export function followEvents(path, onEvent, onState) {
  const source = new EventSource(`${path}/events/stream`);
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = (message) => onEvent(JSON.parse(message.data));
  return source;
}
