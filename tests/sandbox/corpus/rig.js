// The smallest runner: loads one package, runs one module's `run` with a full meter, and says how it ended.
(function () {
  "use strict";
  const rt = this;
  const text = rt.JSs;
  let factory = null;

  function run({ module, gas, argument }) {
    rt.reset();
    rt.setSub(null);
    const instance = rt.apply(factory, undefined, rt.helpers);
    const loaded = new rt.RawMap();
    const require = rt.freeze((name) => {
      if (loaded.has(name)) return loaded.get(name).exports;
      if (!rt.hasOwn(instance.modules, name)) throw new Error("MODULE_DENIED " + name);
      const module = { exports: {} };
      loaded.set(name, module);
      instance.modules[name](module.exports, require, module);
      return module.exports;
    });
    instance.set(gas);
    rt.setSub(instance.sub);
    let result;
    try {
      const value = require(module).run(argument);
      result = { ok: true, value: value === undefined ? null : JSON.stringify(value) };
    } catch (error) {
      rt.setSub(null);
      const dead = rt.isDead();
      result = dead ? { ok: false, death: dead.k } : { ok: false, error: error instanceof Error ? error.name + ": " + error.message : typeof error };
    }
    rt.setSub(null);
    const left = instance.get();
    result.gas = left < 0 ? gas : gas - left;
    return result;
  }

  return function () {
    if (typeof this === "function") {
      factory = this;
      return "loaded";
    }
    return text(run(rt.JP(this)));
  };
})
