// @ts-check
// Numbers, amounts, keys and times for people.

import { currentLanguage, t } from "./words.js";

const ACC_DECIMALS = 6;

/** @param {number} number */
export function formatNumber(number) {
  return number.toLocaleString(currentLanguage());
}

/**
 * Units as a decimal number with its asset; ACC and ECC have six decimals.
 * @param {string} units decimal string
 * @param {string} asset
 */
export function formatAmount(units, asset) {
  const digits = units.padStart(ACC_DECIMALS + 1, "0");
  const whole = BigInt(digits.slice(0, -ACC_DECIMALS)).toLocaleString(currentLanguage());
  const part = digits.slice(-ACC_DECIMALS).replace(/0+$/, "");
  const symbol = asset.slice(asset.lastIndexOf(":") + 1);
  return `${whole}${part && `.${part}`} ${symbol}`;
}

/**
 * The ends of a long id.
 * @param {string} text
 */
export function shorten(text) {
  return text.length <= 14 ? text : `${text.slice(0, 8)}…${text.slice(-4)}`;
}

/**
 * How long ago, from the chain's clock and ours.
 * @param {number} timeMs
 */
export function formatAge(timeMs) {
  const seconds = Math.max(0, Math.round((Date.now() - timeMs) / 1000));
  if (seconds < 100) return t("secondsAgo", { n: seconds });
  if (seconds < 6000) return t("minutesAgo", { n: Math.round(seconds / 60) });
  return t("hoursAgo", { n: Math.round(seconds / 3600) });
}
