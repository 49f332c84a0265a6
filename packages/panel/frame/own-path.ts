/**
 * A text from an address as a path of the panel itself, or undefined. Never another place: neither `//elsewhere.example` nor
 * `/\elsewhere.example`, which browsers read alike, nor one with a control character, which they leave out. Pure.
 */
export function ownPath(text: unknown): string | undefined {
  if (typeof text !== 'string' || !/^\/(?![/\\])[\x20-\x7e]*$/.test(text)) return undefined;
  const url = new URL(text, 'https://own.invalid');
  // One that climbs may come out as another place.
  const isOwn = url.origin === 'https://own.invalid' && !url.pathname.startsWith('//');
  return isOwn ? `${url.pathname}${url.search}` : undefined;
}
