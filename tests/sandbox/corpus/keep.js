// Put before lockdown.js: keeps the walker's tools out of its reach, on the kit.
(function () { "use strict";
  this.kept = { global: globalThis, generator: function* () {}, async: async function () {}, regexp: /x/,
    getPrototypeOf: Object.getPrototypeOf, isFrozen: Object.isFrozen, ownKeys: Reflect.ownKeys, describe: Object.getOwnPropertyDescriptor };
  return this;
})
