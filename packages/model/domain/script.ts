/**
 * Which writing a label may be in, so that a name cannot pose as another (UTS #39, in a simple and strict form): one
 * script a label, or one of the usual Japanese, Korean and Chinese combinations; letters, marks and decimal digits only;
 * and no label whose letters all look like Latin ones.
 */

/** The scripts of UAX #31, table 5, that living languages write domain names in. */
const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Georgian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Thai',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Khmer',
  'Ethiopic',
  'Thaana',
  'Han',
  'Hiragana',
  'Katakana',
  'Bopomofo',
  'Hangul',
] as const;

const OF_SCRIPT = SCRIPTS.map((script) => ({
  script,
  /** Characters that this script uses, those shared with others included. */
  uses: new RegExp(`^\\p{Script_Extensions=${script}}$`, 'u'),
}));

/** Combinations that one language really uses, beside Latin (UTS #39, "highly restrictive"). */
const COMBINATIONS: readonly (readonly string[])[] = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

const SHARED = /^[\p{Script=Common}\p{Script=Inherited}]$/u;
const ALLOWED = /^[\p{Letter}\p{Mark}\p{Decimal_Number}\-·]+$/u;
/** Catalan writes the middle dot between two l only (RFC 5892, appendix A.3). */
const STRAY_MIDDLE_DOT = /(?<!l)·|·(?!l)/u;

/** Letters of other scripts that readers take for Latin ones; a label made of nothing else poses as a Latin one. */
const LOOK_LATIN = /^[асԁеһіјӏорԛѕԝхуьѵгпкмтвндиοαικνρτυχωγβεηսոօցհյզո0-9-]+$/u;

/** What is wrong with a label (in Unicode), as the rest of a sentence, or undefined. */
export function labelFault(label: string): string | undefined {
  if (!ALLOWED.test(label) || STRAY_MIDDLE_DOT.test(label)) return 'contains a character that is no letter or digit';
  const letters = [...label].filter((character) => !SHARED.test(character));
  const single = OF_SCRIPT.some(({ uses }) => letters.every((letter) => uses.test(letter)));
  if (!single && !COMBINATIONS.some((scripts) => letters.every((letter) => isOfOne(letter, scripts)))) {
    return 'mixes scripts, or uses one that names are not written in';
  }
  if (letters.length > 0 && LOOK_LATIN.test(label)) return 'can be mistaken for a name in Latin letters';
  const numberings = new Set([...label].filter((c) => /\p{Decimal_Number}/u.test(c)).map(zeroOf));
  return numberings.size > 1 ? 'mixes digits of different scripts' : undefined;
}

function isOfOne(letter: string, scripts: readonly string[]): boolean {
  return OF_SCRIPT.some(({ script, uses }) => scripts.includes(script) && uses.test(letter));
}

/** Decimal digits stand in runs of ten: the zero of its run tells which script's digit it is. */
function zeroOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Decimal_Number}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return zero;
}
