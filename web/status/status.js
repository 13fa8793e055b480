// @ts-check
// The live status page. Event streams say when something happened; a light poll of the heights
// finds blocks without events, and carries the page alone while a stream is broken.

import { Refused, fetchBlocks, fetchChains, fetchDelegates, fetchEscrows, fetchStatus, followEvents } from "./api.js";
import { currentLanguage, setLanguage } from "./words.js";
import {
  byId, refreshAges, showBlocks, showChains, showConnection, showDelegates, showEscrows, showEvents,
  showPeers, showTiles, translate,
} from "./view.js";

const MAIN_PATH = "/api/v1";
const ESCROW_CHAIN = "ecc";
const POLL_MS = 1000;
const POLL_OFFLINE_MS = 3000;
const BLOCKS = 30;
const EVENTS_MAX = 14;
const STREAMS_MAX = 3; // a browser opens six connections to one host; the page needs some itself

/** @typedef {import("./api.js").Chain & {status: import("./api.js").Status | null, blocks: import("./api.js").Block[], stream: EventSource | null, isOpen: boolean}} ShownChain */
/** @typedef {{chain: string, event: import("./api.js").ChainEvent, seenMs: number}} SeenEvent */

const page = {
  /** @type {ShownChain[]} main chain first */ chains: [],
  /** @type {import("./api.js").Delegate[]} */ delegates: [],
  /** @type {Record<string, string>} delegates' names by key, where the node knows them */ names: {},
  /** @type {import("./api.js").Peer[]} */ peers: [],
  /** @type {import("./api.js").Escrow[]} */ escrows: [],
  /** @type {SeenEvent[]} newest first */ events: [],
  /** @type {Set<string>} ids in the block table */ shownBlocks: new Set(),
  rows: 12,
  isReached: false,
};
/** @typedef {typeof page} Page */

/**
 * Ask for the heights, then for whatever changed.
 * @returns {Promise<boolean>} whether there is something new to show
 */
async function refresh() {
  const listed = await fetchChains();
  const known = new Map(page.chains.map((chain) => [chain.chain_id, chain]));
  const changed = listed.filter((chain) => known.get(chain.chain_id)?.height !== chain.height);
  const shown = listed.map((chain) => Object.assign(known.get(chain.chain_id) ?? newChain(), chain));
  page.chains = shown.sort((a, b) => Number(b.path === MAIN_PATH) - Number(a.path === MAIN_PATH));
  const ids = new Set(listed.map((chain) => chain.chain_id));
  for (const [id, chain] of known) if (!ids.has(id)) chain.stream?.close();
  await Promise.all(changed.map(({ chain_id }) => refreshBlocks(shown.find((chain) => chain.chain_id === chain_id))));
  const arePeersNew = await refreshNode(shown[0]);
  shown.slice(0, STREAMS_MAX).forEach(follow);
  return changed.length > 0 || arePeersNew;
}

/** @returns {Omit<ShownChain, keyof import("./api.js").Chain>} */
const newChain = () => ({ status: null, blocks: [], stream: null, isOpen: false });

/** Status and the blocks above those already here. @param {ShownChain | undefined} chain */
async function refreshBlocks(chain) {
  if (chain === undefined) return;
  const above = chain.height - (chain.blocks[0]?.header.height ?? -1);
  const limit = Math.min(BLOCKS, Math.max(1, above));
  const [status, blocks] = await Promise.all([fetchStatus(chain.path), fetchBlocks(chain.path, limit)]);
  const lowest = blocks.at(-1)?.header.height ?? 0;
  chain.status = status;
  chain.blocks = [...blocks, ...chain.blocks.filter((block) => block.header.height < lowest)].slice(0, BLOCKS);
  if (chain.name === ESCROW_CHAIN) page.escrows = await fetchEscrows(chain.path);
}

/**
 * What the node says about itself: its peers come and go without a block.
 * @param {ShownChain | undefined} main
 */
async function refreshNode(main) {
  if (main === undefined) return false;
  main.status = await fetchStatus(main.path);
  const { node, delegates } = main.status;
  if (page.delegates.length !== delegates) page.delegates = await fetchDelegates(main.path);
  const before = JSON.stringify(page.peers);
  page.peers = Array.isArray(node.peers) ? node.peers : [];
  page.names = node.delegate_names ?? {};
  return JSON.stringify(page.peers) !== before;
}

/** @param {ShownChain} chain */
function follow(chain) {
  if (chain.stream !== null) return;
  chain.stream = followEvents(chain.path, (event) => {
    page.events.unshift({ chain: chain.name, event, seenMs: Date.now() });
    page.events.length = Math.min(page.events.length, EVENTS_MAX);
    showEvents(page);
    wake();
  }, (isOpen) => {
    chain.isOpen = isOpen;
    showPulse();
  });
}

function connectionState() {
  if (!page.isReached) return page.chains.length > 0 ? "offline" : "waiting";
  return page.chains.slice(0, STREAMS_MAX).every((chain) => chain.isOpen) ? "live" : "polling";
}

/** What changes by the clock alone. */
function showPulse() {
  showConnection(connectionState());
  showChains(page);
}

function show() {
  showPulse();
  showTiles(page);
  showBlocks(page);
  showDelegates(page);
  showPeers(page);
  showEscrows(page);
  showEvents(page);
}

/** Ends the pause between two polls. @type {() => void} */
let wake = () => {};

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    wake = () => { clearTimeout(timer); resolve(undefined); };
  });
}

async function run() {
  for (;;) {
    if (!document.hidden) {
      try {
        const isNew = await refresh();
        page.isReached = true;
        if (isNew) show();
      } catch (error) {
        // no connection, an answer that came too late, or a node that is starting or stopping
        if (!(error instanceof TypeError || error instanceof DOMException || error instanceof Refused)) throw error;
        page.isReached = false;
        console.warn("refresh failed", error);
      }
      showPulse();
    }
    await pause(page.isReached ? POLL_MS : POLL_OFFLINE_MS);
  }
}

function showLanguage() {
  const language = currentLanguage();
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  const button = byId("language");
  button.textContent = language === "zh" ? "English" : "中文";
  button.lang = language === "zh" ? "en" : "zh";
  translate();
  show();
}

byId("language").addEventListener("click", () => {
  setLanguage(currentLanguage() === "zh" ? "en" : "zh");
  showLanguage();
});
document.addEventListener("visibilitychange", () => wake());
setInterval(refreshAges, 1000);
showLanguage();
run();
