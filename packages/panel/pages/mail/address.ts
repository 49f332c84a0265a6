/** The address of a name at a domain; whoever typed a whole address meant that. Pure. */
export function fullAddress(name: string, domain: string): string {
  const typed = name.trim();
  return typed.includes('@') ? typed : `${typed}@${domain}`;
}

/** The addresses in a text: one a line, or with blanks, commas or semicolons between. Pure. */
export function addressesIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== '');
}
