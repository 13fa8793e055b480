// @ts-check
// From data to the page. Text only ever becomes text nodes, so nothing from a chain can be markup.

import { formatAge, formatAmount, formatNumber, shorten } from "./format.js";
import { isWord, t } from "./words.js";

const COLOURS = 8;

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An age that `refreshAges` keeps true. @param {number} timeMs */
function age(timeMs) {
  const time = new Date(timeMs);
  const attributes = { datetime: time.toISOString(), title: time.toLocaleString(), "data-age": String(timeMs) };
  return make("time", attributes, formatAge(timeMs));
}

/** Every shown age, once a second. */
export function refreshAges() {
  for (const element of document.querySelectorAll("[data-age]")) {
    element.textContent = formatAge(Number(element.getAttribute("data-age")));
  }
}

/** Fixed words of the page in the chosen language. */
export function translate() {
  for (const element of document.querySelectorAll("[data-t]")) {
    const word = element.getAttribute("data-t") ?? "";
    if (isWord(word)) element.textContent = t(word);
  }
}

/** @param {string} key @param {import("./status.js").Page} page */
function forgerName(key, page) {
  if (key === "") return make("span", { class: "muted" }, t("genesis"));
  const place = page.delegates.findIndex((delegate) => delegate.key === key);
  const colour = place < 0 ? "" : ` c${place % COLOURS}`;
  const name = page.names[key] ?? shorten(key.slice(2));
  return make("span", { title: key }, make("span", { class: `dot${colour}`, "aria-hidden": "true" }), name);
}

/** @typedef {[string, Node | string, string?]} Tile */

/** @param {Record<string, any>} node @returns {Tile[]} */
function finalityTile({ finality_ms_median: milliseconds }) {
  if (typeof milliseconds !== "number") return [];
  return [[t("finality"), t("milliseconds", { n: formatNumber(milliseconds) })]];
}

/** @param {Record<string, any>} node @returns {Tile[]} */
function pendingTile({ mempool }) {
  if (typeof mempool?.transactions !== "number") return [];
  return [[t("pending"), formatNumber(mempool.transactions)]];
}

/** @param {import("./status.js").Page} page */
export function showTiles(page) {
  const main = page.chains[0];
  if (main === undefined || main.status === null) return;
  const { status } = main;
  const peers = page.peers;
  const connected = peers.filter(isConnected).length;
  /** @type {Tile[]} */
  const tiles = [
    [t("mainHeight"), formatNumber(status.height)],
    ...page.chains.slice(1).map((chain) => /** @type {Tile} */ (
      [t("sideHeight", { name: chain.name.toUpperCase() }), formatNumber(chain.height)])),
    [t("lastBlock"), age(status.time_ms)],
    [t("interval"), t("milliseconds", { n: formatNumber(status.block_interval_ms) })],
    ...finalityTile(status.node),
    ...pendingTile(status.node),
    [t("connectedPeers"), String(connected), t("of", { total: peers.length })],
  ];
  byId("tiles").replaceChildren(...tiles.map(([name, value, more]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value, ...(more ? [" ", make("small", {}, more)] : [])))));
  byId("network").textContent = `${status.name} · ${shorten(status.chain_id)}`;
}

/** @param {import("./status.js").Page} page */
export function showBlocks(page) {
  const rows = page.chains
    .flatMap((chain) => chain.blocks.map((block) => ({ chain, block })))
    .sort((a, b) => b.block.header.time_ms - a.block.header.time_ms)
    .slice(0, page.rows);
  const shown = page.shownBlocks;
  byId("blocks").replaceChildren(...rows.map(({ chain, block }) => {
    const { header } = block;
    const isNew = shown.size > 0 && !shown.has(header.id);
    return make("tr", isNew ? { class: "fresh" } : {},
      make("td", {}, make("span", { class: chain === page.chains[0] ? "badge quiet" : "badge" }, chain.name)),
      make("td", { class: "number" }, formatNumber(header.height)),
      make("td", {}, forgerName(header.forger, page)),
      make("td", { class: "number" }, formatNumber(block.transaction_count)),
      make("td", {}, age(header.time_ms)),
      make("td", {}, make("code", { title: header.id }, shorten(header.id))));
  }));
  page.shownBlocks = new Set(rows.map(({ block }) => block.header.id));
}

/** @param {import("./status.js").Page} page */
export function showChains(page) {
  byId("chains").replaceChildren(...page.chains.map((chain, place) => make("li", {},
    make("span", { class: "grow" }, make("strong", {}, chain.name), " ",
      make("span", { class: "muted" }, t(place === 0 ? "main" : "sidechain"))),
    make("span", {}, formatNumber(chain.height)),
    chainBadge(chain))));
}

/** @param {import("./status.js").ShownChain} chain */
function chainBadge({ status }) {
  if (status === null) return make("span", { class: "badge quiet" }, t("waiting"));
  const late = Date.now() - status.time_ms > 2 * status.idle_interval_ms + 10_000;
  const isStalled = late || Boolean(status.node.stalled);
  return make("span", { class: isStalled ? "badge off" : "badge" }, t(isStalled ? "stalled" : "running"));
}

/** @param {import("./status.js").Page} page */
export function showDelegates(page) {
  const blocks = page.chains[0]?.blocks.filter((block) => block.header.forger !== "") ?? [];
  byId("delegates").replaceChildren(...page.delegates.map((delegate) => {
    const count = blocks.filter((block) => block.header.forger === delegate.key).length;
    const label = t("blocksForged", { n: count });
    return make("li", {},
      make("span", { class: "grow" }, forgerName(delegate.key, page)),
      make("progress", { max: String(Math.max(1, blocks.length)), value: String(count), "aria-label": label }),
      make("span", { class: "muted" }, label));
  }));
}

/** @param {import("./api.js").Peer} peer */
const isConnected = (peer) => Boolean(peer.is_connected ?? peer.connected);

/** @param {import("./status.js").Page} page */
export function showPeers(page) {
  const rows = page.peers.map((peer) => {
    const key = peer.key ?? peer.public_key ?? "";
    const name = peer.name ?? page.names[key] ?? shorten(key.slice(2));
    return make("li", {},
      make("span", { class: "grow", title: key }, name, make("small", {}, peer.url ?? "")),
      make("span", { class: isConnected(peer) ? "badge" : "badge off" }, t(isConnected(peer) ? "connected" : "disconnected")));
  });
  byId("peers").replaceChildren(...(rows.length > 0 ? rows : [make("li", { class: "muted" }, t("noPeers"))]));
}

/** @param {import("./status.js").Page} page */
export function showEscrows(page) {
  byId("escrows").replaceChildren(...page.escrows.map((escrow) => make("tr", {},
    make("td", { class: "number" }, String(escrow.id)),
    make("td", {}, make("span", { class: "badge" }, isWord(escrow.state) ? t(escrow.state) : escrow.state)),
    make("td", { class: "number" }, formatAmount(escrow.amount, escrow.asset)),
    make("td", { class: "number" }, formatAmount(escrow.held, escrow.asset)),
    make("td", {}, make("code", { title: escrow.payer }, shorten(escrow.payer))),
    make("td", {}, make("code", { title: escrow.payee }, shorten(escrow.payee))),
    make("td", { class: "number" }, `${escrow.open_milestones} / ${escrow.milestone_count}`))));
  byId("escrows-empty").hidden = page.escrows.length > 0;
}

/** @param {import("./status.js").Page} page */
export function showEvents(page) {
  byId("events").replaceChildren(...page.events.map(({ chain, event, seenMs }) => make("li", {},
    make("span", { class: "time" }, age(seenMs)),
    make("span", { class: chain === page.chains[0]?.name ? "badge quiet" : "badge" }, chain),
    make("strong", {}, event.name),
    make("span", { class: "data" }, summarize(event.data)))));
  byId("events-empty").hidden = page.events.length > 0;
}

/** The plain members of an event, ids shortened. @param {Record<string, any>} data */
function summarize(data) {
  const asset = typeof data.asset === "string" ? data.asset : "ACC";
  return Object.entries(data)
    .filter(([name, value]) => name !== "asset" && ["string", "number"].includes(typeof value) && value !== "")
    .slice(0, 6)
    .map(([name, value]) => `${name} ${describe(name, String(value), asset)}`)
    .join(" · ");
}

/** @param {string} name @param {string} value @param {string} asset */
function describe(name, value, asset) {
  if (/^(amount|fee|held|refunded|released)$/.test(name) && /^\d+$/.test(value)) return formatAmount(value, asset);
  return shorten(value);
}

/** @param {"waiting" | "live" | "polling" | "offline"} state */
export function showConnection(state) {
  const element = byId("connection");
  if (element.dataset.state === state && element.dataset.lang === document.documentElement.lang) return;
  element.dataset.state = state;
  element.dataset.lang = document.documentElement.lang;
  element.replaceChildren(make("span", { "data-t": state }, t(state)));
}
