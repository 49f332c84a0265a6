/** What a browser says of itself, shortly: the first of these that it names. Anybody can say anything. */
const BROWSERS = [
  ['Firefox', /Firefox\//],
  ['Edge', /Edg\//],
  ['Opera', /OPR\//],
  ['Chrome', /(?:Chrome|HeadlessChrome|CriOS)\//],
  ['Safari', /Safari\//],
] as const;
const SYSTEMS = [
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Windows', /Windows/],
  ['macOS', /Macintosh/],
  ['Linux', /Linux|X11/],
] as const;

/** Browser and system of a `User-Agent`, as far as they are known. Pure. */
export function agentOf(text: string): { readonly browser?: string; readonly system?: string } {
  const find = (among: readonly (readonly [string, RegExp])[]) => among.find(([, pattern]) => pattern.test(text))?.[0];
  const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
  return { ...(browser && { browser }), ...(system && { system }) };
}
