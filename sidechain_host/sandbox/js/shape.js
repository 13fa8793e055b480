// Trusted, compiler process. `this` is the table; gives {table, checkShape}. Decides which programs exist at all: a syntax
// tree may hold only what is listed here. Everything else is refused, all of it at once, with line, column, reason and fix.
//
// Refusing is not politeness: regular expressions, async functions, generators and import() cannot be taken away at run time.
(function () {
  "use strict";
  const table = this;
  const { limits } = table;

  // ---- node types that may appear, with the fields that hold child nodes
  const CHILDREN = {
    __proto__: null,
    Program: ["body"], ExpressionStatement: ["expression"], VariableDeclaration: ["declarations"],
    VariableDeclarator: ["id", "init"], ReturnStatement: ["argument"], IfStatement: ["test", "consequent", "alternate"],
    ForStatement: ["init", "test", "update", "body"], WhileStatement: ["test", "body"], DoWhileStatement: ["body", "test"],
    ForInStatement: ["left", "right", "body"], ForOfStatement: ["left", "right", "body"], BlockStatement: ["body"],
    TryStatement: ["block", "handler", "finalizer"], CatchClause: ["param", "body"], ThrowStatement: ["argument"],
    SwitchStatement: ["discriminant", "cases"], SwitchCase: ["test", "consequent"], LabeledStatement: ["body"],
    BreakStatement: [], ContinueStatement: [], EmptyStatement: [],
    FunctionDeclaration: ["params", "body"], FunctionExpression: ["params", "body"], ArrowFunctionExpression: ["params", "body"],
    ClassDeclaration: ["superClass", "body"], ClassExpression: ["superClass", "body"], ClassBody: ["body"],
    MethodDefinition: ["key", "value"], PropertyDefinition: ["key", "value"], PrivateIdentifier: [],
    Literal: [], Identifier: [], ThisExpression: [], Super: [], MetaProperty: [],
    ArrayExpression: ["elements"], ObjectExpression: ["properties"], Property: ["key", "value"], SpreadElement: ["argument"],
    UnaryExpression: ["argument"], UpdateExpression: ["argument"], BinaryExpression: ["left", "right"],
    LogicalExpression: ["left", "right"], ConditionalExpression: ["test", "consequent", "alternate"],
    AssignmentExpression: ["left", "right"], SequenceExpression: ["expressions"], MemberExpression: ["object", "property"],
    ChainExpression: ["expression"], CallExpression: ["callee", "arguments"], NewExpression: ["callee", "arguments"],
    TemplateLiteral: ["expressions"],
    ObjectPattern: ["properties"], ArrayPattern: ["elements"], AssignmentPattern: ["left", "right"], RestElement: ["argument"],
  };

  // ---- the others by name, with what to write instead
  const REFUSED = {
    __proto__: null,
    WithStatement: ["`with` is not allowed", "name the object in each access"],
    DebuggerStatement: ["`debugger` is not allowed", "use ctx.log"],
    AwaitExpression: ["`await` is not allowed: a transaction runs synchronously", "call the function directly"],
    YieldExpression: ["generators are not allowed", "return an array"],
    ImportDeclaration: ["`import` is not allowed", "use require"],
    ImportExpression: ["`import()` is not allowed", "use require"],
    ExportNamedDeclaration: ["`export` is not allowed", "use exports"],
    ExportDefaultDeclaration: ["`export` is not allowed", "use exports"],
    ExportAllDeclaration: ["`export` is not allowed", "use exports"],
    TaggedTemplateExpression: ["tagged templates are not allowed", "call the function with arguments"],
    StaticBlock: ["static blocks are not allowed", "assign to the class after its declaration"],
  };

  const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
  const LOOPS = new Set(["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"]);
  const isFunction = (n) => FUNCTIONS.has(n.type);
  const isNegative = (n) => n.type === "UnaryExpression" && n.operator === "-" && n.argument.type === "Literal";
  const isPlainTemplate = (n) => n.type === "TemplateLiteral" && n.expressions.length === 0;
  const isLiteral = (n) => (n.type === "Literal" && !n.regex) || isNegative(n) || isPlainTemplate(n);

  // Default values and instance fields are evaluated before the function's body counts the depth, so nothing in them may call.
  function isSimple(n) {
    switch (n.type) {
      case "Identifier": case "ThisExpression": case "FunctionExpression": case "ArrowFunctionExpression": return true;
      case "MemberExpression": return !n.computed && n.object.type !== "Super" && isSimple(n.object);
      case "ArrayExpression": return n.elements.every((x) => x !== null && isSimple(x));
      case "ObjectExpression": return n.properties.every((p) => p.type === "Property" && !p.computed && (isFunction(p.value) || isSimple(p.value)));
      default: return isLiteral(n);
    }
  }

  function checkShape(program, report) {
    let variables = 0;
    const refuse = (node, reason, fix) => report(node.loc.start, reason, fix);

    const RULES = {
      __proto__: null,
      Identifier(n) {
        if (n.name.startsWith("$$")) refuse(n, `the name ${n.name} is reserved`, "choose a name that does not begin with $$");
        if (n.name === "eval") refuse(n, "`eval` is not allowed", "there is no way to run text as code");
      },
      Literal(n) {
        if (n.regex) refuse(n, "regular expressions are not allowed", "use indexOf, split, startsWith or a loop over characters");
        if (n.bigint && n.bigint.length > limits.bigintTextUnits) refuse(n, "the bigint literal is too large", `at most ${limits.bigintBits} bits`);
      },
      MetaProperty(n) { if (n.meta.name !== "new") refuse(n, "`import.meta` is not allowed", "use require"); },
      MemberExpression(n) {
        if (!n.computed && n.property.name === "__proto__") refuse(n, "`__proto__` is not allowed", "use Object.getPrototypeOf or classes");
      },
      Property(n) {
        const name = n.computed ? undefined : n.key.type === "Identifier" ? n.key.name : n.key.value;
        if (name === "__proto__") refuse(n, "`__proto__` is not allowed", "use Object.create(null) or a Map");
      },
      AssignmentExpression(n) { target(n.left, n.operator === "="); },
      UpdateExpression(n) { target(n.argument, false); },
      ForInStatement(n) { loopTarget(n.left); },
      ForOfStatement(n) {
        if (n.await) refuse(n, "`for await` is not allowed", "use for ... of");
        loopTarget(n.left);
      },
      UnaryExpression(n) {
        if (n.operator === "delete" && n.argument.type !== "MemberExpression") refuse(n, "only a property can be deleted", "write delete object.name");
      },
      SwitchCase(n) {
        if (n.test !== null && !isLiteral(n.test)) refuse(n.test, "a case must be a literal", "use if ... else if");
      },
      AssignmentPattern(n) { if (n.inParameters && !isSimple(n.right)) tooComplex(n.right, "default value"); },
      CallExpression(n) { argumentCount(n); },
      NewExpression(n) { argumentCount(n); },
      ClassDeclaration() { variables++; },
      PropertyDefinition(n) {
        if (!n.static && n.value !== null && !isSimple(n.value)) tooComplex(n.value, "field");
      },
      VariableDeclarator(n) { countNames(n.id); },
      CatchClause(n) { if (n.param !== null) countNames(n.param); },
      TryStatement(n) { if (n.finalizer !== null) stays(n.finalizer, new Set(), false, false); },
      RestElement(n) {
        if (!n.inParameters) refuse(n, "rest is allowed only in parameters", "name what you need, or use slice");
      },
      BinaryExpression(n) {
        if (n.operator === "instanceof" && n.left.type === "PrivateIdentifier") refuse(n, "unexpected private name", "use #name in object");
      },
    };

    function tooComplex(n, what) { refuse(n, `a ${what} must be simple: literals, names, functions`, "compute it in the body of the function or constructor"); }
    function argumentCount(n) {
      if (n.arguments.length > limits.arguments) refuse(n, `more than ${limits.arguments} arguments`, "pass an array or an object");
    }
    function loopTarget(left) { if (left.type !== "VariableDeclaration") target(left, true); }

    // What may be assigned to.
    function target(n, plain) {
      switch (n.type) {
        case "MemberExpression": return memberTarget(n);
        case "ObjectPattern": n.properties.forEach((p) => p.type === "Property" && inPattern(p.value)); return undefined;
        case "ArrayPattern": n.elements.forEach((x) => x !== null && x.type !== "RestElement" && inPattern(x)); return undefined;
        default: return plain;
      }
    }
    function inPattern(n) {
      const x = n.type === "AssignmentPattern" ? n.left : n;
      if (x.type === "MemberExpression" && x.computed) refuse(x, "an element cannot be the target of destructuring", "assign to a variable first");
      target(x, true);
    }
    function memberTarget(n) {
      const name = n.computed ? n.property.value : n.property.name;
      if (n.object.type === "Super") refuse(n, "`super` cannot be assigned to", "assign to this");
      if (name === "length") refuse(n, "`length` cannot be assigned", "use splice, or a new array");
      if (name === "prototype") refuse(n, "`prototype` cannot be assigned", "use classes");
    }

    // Variables of one function live in its stack frame.
    function countNames(n) {
      switch (n.type) {
        case "Identifier": variables++; break;
        case "ObjectPattern": n.properties.forEach((p) => countNames(p.type === "Property" ? p.value : p.argument)); break;
        case "ArrayPattern": n.elements.forEach((x) => x !== null && countNames(x)); break;
        case "AssignmentPattern": countNames(n.left); break;
        case "RestElement": countNames(n.argument); break;
        default:
      }
    }

    // A `finally` that jumps out would swallow an error unseen, and unpaid.
    function stays(n, labels, inLoop, inSwitch) {
      if (n === null || typeof n !== "object" || isFunction(n) || n.type === "ClassBody") return;
      const jump = n.type === "BreakStatement" || n.type === "ContinueStatement";
      const inside = n.label ? labels.has(n.label.name) : inLoop || (inSwitch && n.type === "BreakStatement");
      if (n.type === "ReturnStatement" || (jump && !inside)) {
        refuse(n, "`finally` must not be left by return, break or continue", "it would hide the error; do it after the try statement");
      }
      const within = n.type === "LabeledStatement" ? new Set([...labels, n.label.name]) : labels;
      for (const child of childrenOf(n)) stays(child, within, inLoop || LOOPS.has(n.type), inSwitch || n.type === "SwitchStatement");
    }

    function childrenOf(n) {
      const out = [];
      for (const field of CHILDREN[n.type] ?? []) {
        const value = n[field];
        if (Array.isArray(value)) { for (const x of value) if (x) out.push(x); } else if (value) out.push(value);
      }
      return out;
    }

    // A long chain a.b().c() or a + b + c is deep, but needs little stack.
    const onSpine = (parent, child) => child === parent.left || child === parent.object || child === parent.callee || child === parent.alternate;
    const SPINE_FACTOR = 10;
    let tooDeep = false;

    function walk(n, nesting, depth) {
      if (nesting > limits.nestingOfSource || depth > limits.nestingOfSource * SPINE_FACTOR) {
        if (!tooDeep) refuse(n, "nested too deep", `at most ${limits.nestingOfSource} levels; split it into functions`);
        tooDeep = true;
        return;
      }
      if (CHILDREN[n.type] === undefined) {
        const [reason, fix] = REFUSED[n.type] ?? [`${n.type} is not allowed`, "write it in simpler terms"];
        refuse(n, reason, fix);
        return;
      }
      if (isFunction(n)) return enterFunction(n, nesting, depth);
      RULES[n.type]?.(n);
      for (const child of childrenOf(n)) {
        if (isLabelOrName(n, child)) continue;
        walk(child, onSpine(n, child) ? nesting : nesting + 1, depth + 1);
      }
    }
    // `a` in x.a and {a: 1} is a property's name, not a variable's.
    function isLabelOrName(parent, child) {
      const named = parent.type === "MemberExpression" ? parent.property : parent.key;
      return child === named && !parent.computed && !(parent.type === "Property" && parent.shorthand);
    }

    function enterFunction(n, nesting, depth) {
      if (n.async) refuse(n, "async functions are not allowed: a transaction runs synchronously", "write a plain function");
      if (n.generator) refuse(n, "generators are not allowed", "return an array");
      if (n.id) { variables++; RULES.Identifier(n.id); }
      const outer = variables;
      variables = 0;
      for (const parameter of n.params) {
        countNames(parameter);
        markParameters(parameter);
        walk(parameter, nesting + 1, depth + 1);
      }
      walk(n.body, nesting + 1, depth + 1);
      if (variables > limits.variables) refuse(n, `more than ${limits.variables} variables in one function`, "split the function, or use an object");
      variables = outer;
    }
    function markParameters(n) {
      n.inParameters = true;
      if (n.type === "RestElement" && n.argument.type !== "Identifier") refuse(n, "a rest parameter must be a name", "take it apart in the body");
      if (n.type === "AssignmentPattern") markParameters(n.left);
      if (n.type === "ArrayPattern") n.elements.forEach((x) => x !== null && (x.type === "RestElement" ? refuse(x, "rest is not allowed inside a pattern", "use slice") : markParameters(x)));
      if (n.type === "ObjectPattern") {
        for (const p of n.properties) {
          if (p.type !== "Property") refuse(p, "rest is not allowed inside a pattern", "name what you need");
          else if (p.computed) tooComplex(p.key, "key in a parameter");
          else markParameters(p.value);
        }
      }
    }

    walk(program, 0, 0);
    if (variables > limits.moduleVariables) report({ line: 1, column: 0 }, `more than ${limits.moduleVariables} names in one file`, "split the file");
  }

  return { table, checkShape };
})
