// Trusted, compiler process. `this` is {table, checkShape, meter}; gives the dispatcher. One call compiles one package:
//   text in:  {"files": {"contract/index.js": "source", ...}}
//   text out: {"factory": "...", "lines": [[file index, line] | 0, ...], "files": [...]}      or      {"errors": [{file, line, column, reason, fix}, ...]}
// `lines` gives for every line of the factory the file and line it was made from, for errors shown to developers.
(function () {
  "use strict";
  const { table, checkShape, meter } = this;
  const { acorn, exports: astring } = globalThis;
  const { limits, helperNames, prices } = table;
  const PREFIX = '"use strict";\n'; // strict parsing; on a line of its own, so that columns stay

  function parse(source) {
    return acorn.parse(PREFIX + source, { ecmaVersion: 2022, sourceType: "script", locations: true });
  }

  function compileFile(file, source, errors) {
    const report = (at, reason, fix) => {
      if (errors.length < limits.errors) errors.push({ file, line: Math.max(1, at.line - 1), column: at.column + 1, reason, fix });
    };
    if (source.length > limits.sourceUnits) return report({ line: 2, column: 0 }, "the file is too long", `at most ${limits.sourceUnits} characters`);
    let program;
    try {
      program = parse(source);
    } catch (error) {
      if (error instanceof SyntaxError && error.loc) return report(error.loc, error.message.replace(/ \(\d+:\d+\)$/, ""), "correct the syntax (ES2022, strict, script)");
      return report({ line: 2, column: 0 }, "nested too deep to be parsed", "split it into functions");
    }
    program.body.shift();
    const before = errors.length;
    checkShape(program, report);
    return errors.length > before ? undefined : meter(program);
  }

  // ---- printing, with the origin of each line
  function print(body, fileIndex, lines) {
    const map = { addMapping({ original, generated }) {
      if (original) lines[generated.line - 1] ??= [fileIndex, original.line - 1];
    } };
    return astring.generate(body, { indent: "", lineEnd: "\n", sourceMap: map });
  }
  const countLines = (text) => text.split("\n").length - 1;

  function assemble(files, bodies) {
    const modules = [], lines = [];
    const head = `(function(${helperNames.join(",")}){"use strict";\nlet $$g=0,$$d=0;const $$ct=CATCH;\n` +
      "return {__proto__:null,get:()=>$$g,set:n=>{$$g=n;$$d=0},sub:n=>{if(!(($$g-=n)>=0))$$x()},modules:{__proto__:null,\n";
    let at = countLines(head), longest = 0;
    files.forEach((file, i) => {
      const own = [];
      const text = `${JSON.stringify(file)}:function(exports,require,module)${print(bodies[i], i, own)},\n`;
      own.forEach((origin, j) => { lines[at + j] = origin; });
      at += countLines(text);
      longest = Math.max(longest, text.length);
      modules.push(text);
    });
    // To word a TypeError V8 parses the throwing function once more; the longest one bounds that.
    const factory = `${head.replace("CATCH", () => String(prices.caughtTypeErrorBase + longest))}${modules.join("")}}}})`;
    return { factory, lines: Array.from(lines, (x) => x ?? 0), files };
  }

  return function compile() {
    const { files: sources } = JSON.parse(this);
    const files = Object.keys(sources).sort(), errors = [];
    const total = files.reduce((n, file) => n + sources[file].length, 0);
    if (files.length > limits.files || total > limits.packageUnits) {
      return JSON.stringify({ errors: [{ file: files[0] ?? "", line: 1, column: 1, reason: "the package is too large", fix: `at most ${limits.files} files and ${limits.packageUnits} characters` }] });
    }
    const bodies = files.map((file) => compileFile(file, sources[file], errors));
    if (errors.length > 0) return JSON.stringify({ errors });
    const result = assemble(files, bodies);
    acorn.parse(result.factory, { ecmaVersion: 2022, sourceType: "script" }); // what we made must be valid, or this is our bug
    return JSON.stringify(result);
  };
})
