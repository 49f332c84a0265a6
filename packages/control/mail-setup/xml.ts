const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** A template whose values are texts: none of them becomes markup. Pure. */
export function xml(strings: TemplateStringsArray, ...values: readonly (string | number | Markup)[]): Markup {
  const written = values.map((value) =>
    value instanceof Markup ? value.text : String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? ''),
  );
  return new Markup(strings.reduce((text, string, index) => text + (written[index - 1] ?? '') + string));
}

/** Several parts, one below the other. */
export function lines(parts: readonly Markup[]): Markup {
  return new Markup(parts.map(({ text }) => text).join('\n'));
}

/** Text that is markup already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
