// Trusted, compiler process. astring is distributed as a CommonJS module: here it finds its `exports`. Comes after acorn, which
// would otherwise use it too.
(function () {
  "use strict";
  globalThis.exports = {};
})
