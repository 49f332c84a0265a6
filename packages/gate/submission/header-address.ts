/** Domains of the addresses in a header field of addresses; an address without one counts as the empty text. */
export type AddressDomains = readonly string[];

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'special'; readonly text: '<' | '>' | '@' | ',' | ':' | ';' };

/** A quoted string, a domain literal, or an atom with its dots. */
const WORD = /"(?:[^"\\]|\\.)*"|\[[^[\]\\]*\]|[^\s"()<>@,:;[\]\\]+/sy;
const SPECIALS = new Set(['<', '>', '@', ',', ':', ';']);

/**
 * Reads a list of mailboxes (RFC 5322, 3.4, without groups and obsolete forms) and gives their domains, lower case.
 * Undefined when the text is anything else: software disagrees about what such a text means, so nobody can be sure
 * whose name it shows.
 */
export function addressDomains(value: string): AddressDomains | undefined {
  const tokens = tokenize(value);
  if (tokens === undefined) return undefined;
  const domains: string[] = [];
  for (const mailbox of splitAtCommas(tokens)) {
    const domain = mailboxDomain(mailbox);
    if (domain === undefined) return undefined;
    domains.push(domain);
  }
  return domains;
}

function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'special' && token.text === ',') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** `phrase <address>` or a bare address. */
function mailboxDomain(tokens: readonly Token[]): string | undefined {
  const open = tokens.findIndex((token) => isSpecial(token, '<'));
  if (open === -1) return addressDomain(tokens);
  const last = tokens.at(-1);
  if (last === undefined || !isSpecial(last, '>')) return undefined;
  if (!tokens.slice(0, open).every((token) => token.kind === 'word')) return undefined;
  return addressDomain(tokens.slice(open + 1, -1));
}

function addressDomain(tokens: readonly Token[]): string | undefined {
  const [localPart, at, domain, more] = tokens;
  if (localPart?.kind !== 'word' || more !== undefined) return undefined;
  if (at === undefined) return '';
  if (!isSpecial(at, '@') || domain?.kind !== 'word' || domain.text.startsWith('"')) return undefined;
  return domain.text.toLowerCase();
}

function isSpecial(token: Token, text: string): boolean {
  return token.kind === 'special' && token.text === text;
}

/** Words and specials; comments and white space are gone. Undefined for a text that does not close what it opens. */
function tokenize(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    if (/\s/.test(character)) {
      at += 1;
    } else if (character === '(') {
      const end = commentEnd(text, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (isSpecialText(character)) {
      tokens.push({ kind: 'special', text: character });
      at += 1;
    } else {
      WORD.lastIndex = at;
      const word = WORD.exec(text)?.[0];
      if (word === undefined) return undefined;
      tokens.push({ kind: 'word', text: word });
      at += word.length;
    }
  }
  return tokens;
}

function isSpecialText(text: string): text is Extract<Token, { kind: 'special' }>['text'] {
  return SPECIALS.has(text);
}

function commentEnd(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}
