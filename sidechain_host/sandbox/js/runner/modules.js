// Trusted. `this` is the platform; adds `require`: the package's own files and the host's modules, each run at most once per
// call, when it is first asked for.
(function () {
  "use strict";
  const platform = this;
  const { freeze, RawMap, apply, hasOwn, prices, run, settings, refuse, misuse, pay, unmetered } = platform;
  const HOST_MODULES = freeze(["assets", "bignum", "schema", "text"]);
  const HOST_FOLDER = "@host/";
  const resolved = new RawMap(); // path -> name -> path of what was found: a package never changes

  function resolve(from, name, files) {
    let known = resolved.get(from);
    if (known === undefined) resolved.set(from, known = new RawMap());
    let path = known.get(name);
    if (path !== undefined) return path;
    path = unmetered(() => lookUp(from, name, files));
    if (path !== null && known.size < 1000) known.set(name, path);
    return path;
  }
  function lookUp(from, name, files) {
    if (HOST_MODULES.includes(name)) return HOST_FOLDER + name + ".js";
    if (!name.startsWith("./") && !name.startsWith("../")) return null;
    const parts = from.split("/");
    parts.pop();
    const steps = name.split("/");
    for (let i = 0; i < steps.length; i++) {
      if (steps[i] === "." || (steps[i] === "" && i === steps.length - 1)) continue;
      if (steps[i] !== "..") { parts.push(steps[i]); continue; }
      if (parts.length === 0) return null;
      parts.pop();
    }
    const path = parts.join("/");
    const candidates = [path, path + ".js", path + "/index.js"];
    // A host module is no package file: the folder cannot be reached by a path.
    return candidates.find((x) => !x.startsWith(HOST_FOLDER) && hasOwn(files, x)) ?? null;
  }

  function loaderOf(instance) {
    const loaded = new RawMap();
    function load(path) {
      const before = loaded.get(path);
      if (before !== undefined) return before.exports;
      const module = { exports: {} };
      loaded.set(path, module);
      apply(instance.modules[path], undefined, [module.exports, requireFrom(path), module]);
      return module.exports;
    }
    function requireFrom(from) {
      return freeze((name) => {
        pay(prices.require);
        if (typeof name !== "string" || name.length > 200) misuse("require takes a text");
        const path = resolve(from, name, instance.modules);
        if (path === null) refuse("MODULE_DENIED", { module: platform.isWellFormed(name) ? name : "not well-formed text", allowed: "./ and ../ inside the package, " + HOST_MODULES.join(", ") });
        return load(path);
      });
    }
    return load;
  }

  // What the entry exports under `group` as `name`; only own properties count.
  function memberOf(instance, group, name) {
    const exported = loaderOf(instance)(settings.entry);
    const members = exported === null || typeof exported !== "object" ? undefined : exported[group];
    const isThere = members !== null && typeof members === "object" && hasOwn(members, name);
    const member = isThere ? members[name] : undefined;
    if (typeof member !== "function") misuse("the entry module does not export " + group + "." + name);
    return member;
  }

  return freeze({ __proto__: null, ...platform, memberOf, run });
})
