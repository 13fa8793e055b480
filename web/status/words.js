// @ts-check
// The words of the page in both languages; one word per thing, as in the project's glossary.

/** @typedef {"en" | "zh"} Language */

const EN = {
  title: "ACC chain", skip: "Skip to content", overview: "Overview", blocks: "Last blocks",
  chain: "Chain", height: "Height", forger: "Forger", transactions: "Transactions", age: "Age",
  id: "Id", chains: "Chains", delegates: "Delegates", peers: "Peers of this node",
  delegatesNote: "Share of the last blocks of the main chain", escrows: "Escrows on ECC",
  number: "No.", state: "State", amount: "Amount", held: "Still held", payer: "Payer",
  payee: "Payee", milestones: "Open milestones", noEscrows: "No escrow yet.",
  events: "What happens", noEvents: "Nothing since this page was opened.",
  api: "API description", raw: "This node's status as JSON", waiting: "Connecting",
  live: "Live", polling: "Live, by polling", offline: "Node does not answer, trying again",
  mainHeight: "Main height", sideHeight: "{name} height", lastBlock: "Last main block",
  interval: "Block interval", pending: "Unconfirmed", connectedPeers: "Connected peers",
  of: "of {total}", secondsAgo: "{n} s ago", minutesAgo: "{n} min ago", hoursAgo: "{n} h ago",
  connected: "connected", disconnected: "not connected", genesis: "genesis", main: "main chain",
  sidechain: "sidechain", noPeers: "This node has no peers.", stalled: "stalled", running: "running",
  blocksForged: "{n} blocks", finality: "Finality, median", milliseconds: "{n} ms",
  QUOTED: "quoted", OFFERED: "offered", FUNDED: "funded", CLOSED: "closed", WITHDRAWN: "withdrawn",
};

/** @type {Record<keyof typeof EN, string>} */
const ZH = {
  title: "ACC 链", skip: "跳到正文", overview: "概况", blocks: "最新区块",
  chain: "链", height: "高度", forger: "出块人", transactions: "交易数", age: "时间",
  id: "区块号", chains: "链", delegates: "受托人", peers: "本节点的邻居",
  delegatesNote: "主链最近区块中各受托人的份额", escrows: "ECC 上的担保交易",
  number: "编号", state: "状态", amount: "金额", held: "仍在担保", payer: "付款人",
  payee: "收款人", milestones: "未完成阶段", noEscrows: "还没有担保交易。",
  events: "正在发生", noEvents: "打开本页以来没有事件。",
  api: "接口说明", raw: "本节点状态 (JSON)", waiting: "正在连接",
  live: "实时", polling: "实时（轮询）", offline: "节点没有应答，正在重试",
  mainHeight: "主链高度", sideHeight: "{name} 高度", lastBlock: "最新主链区块",
  interval: "出块间隔", pending: "未确认交易", connectedPeers: "已连接邻居",
  of: "共 {total}", secondsAgo: "{n} 秒前", minutesAgo: "{n} 分钟前", hoursAgo: "{n} 小时前",
  connected: "已连接", disconnected: "未连接", genesis: "创世", main: "主链",
  sidechain: "侧链", noPeers: "本节点没有邻居。", stalled: "停滞", running: "运行中",
  blocksForged: "{n} 块", finality: "最终确认中位数", milliseconds: "{n} 毫秒",
  QUOTED: "已报价", OFFERED: "已提出", FUNDED: "已付担保", CLOSED: "已完成", WITHDRAWN: "已撤回",
};

/** @typedef {keyof typeof EN} Word */

const WORDS = { en: EN, zh: ZH };
const STORED = "acc.language";

/** @type {Language} */
let language = readLanguage();

/** @returns {Language} the visitor's last choice, else the browser's language */
function readLanguage() {
  const chosen = readStored();
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** @returns {string | null} null also where the browser keeps nothing for this page */
function readStored() {
  try {
    return localStorage.getItem(STORED);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/** @returns {Language} */
export function currentLanguage() {
  return language;
}

/** @param {Language} next */
export function setLanguage(next) {
  language = next;
  try {
    localStorage.setItem(STORED, next);
  } catch (error) {
    // a browser that keeps nothing asks again next time
    if (!(error instanceof DOMException)) throw error;
  }
}

/**
 * A word in the chosen language; `{name}` is replaced by `values.name`.
 * @param {Word} word
 * @param {Record<string, string | number>} [values]
 */
export function t(word, values = {}) {
  return WORDS[language][word].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/**
 * Whether there is such a word: states come from the chain and may be newer than this page.
 * @param {string} word
 * @returns {word is Word}
 */
export function isWord(word) {
  return Object.hasOwn(EN, word);
}
