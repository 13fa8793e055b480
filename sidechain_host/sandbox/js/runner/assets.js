// Trusted. `this` is the platform; adds holdings: balances, locks in the keyless reserve, and messages to the main chain. Units
// only move; nothing here makes or destroys any, and the node adds everything up again.
(function () {
  "use strict";
  const platform = this;
  const { freeze, byName, prices, caps, run, settings, refuse, pay, unmetered, MAX_AMOUNT } = platform;
  const { copyIn, keyOfValues, read, write, rowOut } = platform;
  const balances = () => byName.get("$balances");
  const locks = () => byName.get("$locks");
  const DAY_MS = 86400000;

  const scalar = (kind, more) => freeze({ __proto__: null, kind, optional: false, min: 0, max: 0, ...more });
  const ACCOUNT = scalar("account"), ASSET = scalar("asset"), LOCK_ID = scalar("id", { min: 1, max: Number.MAX_SAFE_INTEGER });
  const KIND = scalar("text", { max: 32 }), REF = scalar("text", { max: 64 }), MEMO = scalar("text", { max: 256 });
  const DURATION = scalar("int", { min: 60000, max: 30 * DAY_MS });

  function amountIn(x) {
    pay(prices.field);
    if (typeof x !== "bigint" || x < 1n || x > MAX_AMOUNT) refuse("AMOUNT");
    return x;
  }
  // Free units leave an account only with its consent.
  function payerIn(from) {
    if (from === undefined) return run.item.sender;
    const account = copyIn(ACCOUNT, from, "from");
    if (!unmetered(() => run.item.signers.includes(account))) refuse("NOT_SIGNER", { account });
    return account;
  }
  function balanceKey(account, asset) { return keyOfValues(balances(), [account, asset]); }
  function balanceOf(account, asset) {
    const row = read(balances(), balanceKey(account, asset));
    return row === null ? 0n : row[2];
  }
  function setBalance(account, asset, amount) { write(balances(), balanceKey(account, asset), amount === 0n ? null : [account, asset, amount]); }
  function credit(account, asset, amount) { setBalance(account, asset, balanceOf(account, asset) + amount); }
  function debit(account, asset, amount) {
    const balance = balanceOf(account, asset);
    if (balance < amount) refuse("FUNDS", { account, asset, balance: `${balance}`, needed: `${amount}` });
    setBalance(account, asset, balance - amount);
  }
  function nextId(counter) {
    const table = byName.get("$counters");
    const key = keyOfValues(table, [counter]);
    const row = read(table, key);
    const id = row === null ? 1 : row[1] + 1;
    write(table, key, [counter, id]);
    return id;
  }

  // ---- locks
  function lockKey(id) { return keyOfValues(locks(), [id]); }
  function lockIn(id) {
    const key = lockKey(copyIn(LOCK_ID, id, "lock id"));
    const row = read(locks(), key);
    return row === null ? refuse("NOT_FOUND", { lock: id }) : { key, row };
  }
  function lock(options) {
    const { from, asset, amount, kind, ref, fallback } = options;
    const owner = payerIn(from), what = copyIn(ASSET, asset, "asset"), units = amountIn(amount);
    const refText = typeof ref === "number" || typeof ref === "bigint" ? `${ref}` : ref;
    const row = [0, owner, what, units, copyIn(KIND, kind, "kind"), refText === undefined ? "" : copyIn(REF, refText, "ref"),
      fallback === undefined ? owner : copyIn(ACCOUNT, fallback, "fallback")];
    debit(owner, what, units);
    row[0] = nextId("$locks");
    write(locks(), lockKey(row[0]), row);
    return row[0];
  }
  function release(id, amount, to) {
    const { key, row } = lockIn(id);
    const units = amountIn(amount), payee = copyIn(ACCOUNT, to, "to");
    if (units > row[3]) refuse("FUNDS", { lock: row[0], locked: `${row[3]}`, needed: `${units}` });
    return payOut(key, row, units, payee);
  }
  function unlock(id) {
    const { key, row } = lockIn(id);
    payOut(key, row, row[3], row[1]);
    return row[3];
  }
  function payOut(key, row, units, payee) {
    const left = row[3] - units;
    write(locks(), key, left === 0n ? null : [row[0], row[1], row[2], left, row[4], row[5], row[6]]);
    credit(payee, row[2], units);
    return left;
  }
  function reassign(id, options) {
    const { owner, fallback } = options;
    const { key, row } = lockIn(id);
    const next = owner === undefined ? row[1] : copyIn(ACCOUNT, owner, "owner");
    write(locks(), key, [row[0], next, row[2], row[3], row[4], row[5], fallback === undefined ? row[6] : copyIn(ACCOUNT, fallback, "fallback")]);
  }

  // ---- to the main chain
  function withdraw(options) {
    const { from, to, asset, amount, fee, memo, expiresInMs } = options;
    const bridge = run.block.bridge;
    const sender = payerIn(from), recipient = copyIn(ACCOUNT, to, "to"), what = copyIn(ASSET, asset, "asset"), units = amountIn(amount);
    const relayFee = amountIn(fee), text = memo === undefined ? "" : copyIn(MEMO, memo, "memo");
    const lifeMs = expiresInMs === undefined ? DAY_MS : copyIn(DURATION, expiresInMs, "expiresInMs");
    if (!unmetered(() => settings.withdrawAssets.includes(what))) refuse("PERMISSION", { permission: "bridge.withdraw", asset: what });
    if (!bridge.open) refuse("BRIDGE_CLOSED");
    if (relayFee < bridge.fee) refuse("FEE_TOO_LOW", { fee: `${relayFee}`, needed: `${bridge.fee}` });
    if (run.messages.length >= caps.callMessages) refuse("LIMIT", { messages: caps.callMessages });
    pay(prices.message);
    debit(sender, what, units);
    debit(sender, "ACC", relayFee);
    const seq = bridge.next + run.messages.length;
    run.messages[run.messages.length] = [sender, recipient, what, `${units}`, `${relayFee}`, text, run.block.timeMs + lifeMs];
    return seq;
  }

  const readers = {
    balance: freeze((account, asset) => balanceOf(copyIn(ACCOUNT, account, "account"), copyIn(ASSET, asset, "asset"))),
    getLock: freeze((id) => rowOut(locks(), read(locks(), lockKey(copyIn(LOCK_ID, id, "lock id"))))),
  };
  const api = freeze({
    ...readers,
    transfer: freeze((options) => {
      const { from, to, asset, amount } = options;
      const payer = payerIn(from), payee = copyIn(ACCOUNT, to, "to"), what = copyIn(ASSET, asset, "asset"), units = amountIn(amount);
      debit(payer, what, units);
      credit(payee, what, units);
    }),
    lock: freeze(lock), release: freeze(release), unlock: freeze(unlock), reassign: freeze(reassign),
  });

  return freeze({
    __proto__: null, ...platform, assetsApi: api, assetsReader: freeze(readers), bridgeApi: freeze({ withdraw: freeze(withdraw) }),
    credit, nextId,
  });
})
