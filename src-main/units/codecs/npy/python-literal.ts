/** A value of a Python literal as it stands in NPY headers. */
export type PythonValue = string | number | boolean | null | readonly PythonValue[] | ReadonlyMap<string, PythonValue>;

/** Whether a value is a dictionary. */
export const isDict = (value: PythonValue | undefined): value is ReadonlyMap<string, PythonValue> => value instanceof Map;

/** Whether a value is a list or tuple. */
export const isList = (value: PythonValue | undefined): value is readonly PythonValue[] => Array.isArray(value);

/** Nested deeper than this is no header of an array. */
const MAX_DEPTH = 16;

/**
 * Reads a literal of strings, numbers, True, False, None, lists, tuples and dicts. Nothing is evaluated.
 * @throws SyntaxError with the place where it is something else.
 */
export function parsePythonLiteral(text: string): PythonValue {
  let at = 0;
  const fail = (expected: string): never => {
    throw new SyntaxError(`expected ${expected} at character ${at}`);
  };
  const blanks = (): void => {
    while (at < text.length && " \t\r\n".includes(text[at]!)) at += 1;
  };
  const take = (sign: string): boolean => {
    blanks();
    if (text[at] !== sign) return false;
    at += 1;
    return true;
  };

  function items(close: string, depth: number): PythonValue[] {
    const found: PythonValue[] = [];
    while (!take(close)) {
      found.push(value(depth + 1));
      if (!take(",")) {
        if (!take(close)) fail(`“,” or “${close}”`);
        break;
      }
    }
    return found;
  }

  function dict(depth: number): ReadonlyMap<string, PythonValue> {
    const found = new Map<string, PythonValue>();
    while (!take("}")) {
      const key = value(depth + 1);
      if (typeof key !== "string") return fail("a name");
      if (!take(":")) fail("“:”");
      found.set(key, value(depth + 1));
      if (!take(",")) {
        if (!take("}")) fail("“,” or “}”");
        break;
      }
    }
    return found;
  }

  function quoted(quote: string): string {
    const from = at;
    while (at < text.length && text[at] !== quote && text[at] !== "\\") at += 1;
    if (text[at] !== quote) fail(`a closing ${quote}`);
    at += 1;
    return text.slice(from, at - 1);
  }

  function value(depth: number): PythonValue {
    if (depth > MAX_DEPTH) fail("fewer levels");
    blanks();
    if (take("{")) return dict(depth);
    if (take("[")) return items("]", depth);
    if (take("(")) return items(")", depth);
    for (const quote of ["'", '"']) if (take(quote)) return quoted(quote);
    const word = /^[-+\w.]+/.exec(text.slice(at, at + 40))?.[0] ?? "";
    at += word.length;
    if (word === "True" || word === "False") return word === "True";
    if (word === "None") return null;
    if (/^[-+]?\d+L?$/.test(word)) return Number(word.replace("L", ""));
    return fail("a value");
  }

  const result = value(0);
  blanks();
  if (at < text.length) fail("the end");
  return result;
}
