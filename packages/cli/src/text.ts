/** Text of others on a terminal: nothing in it may move the cursor, and its width is what the terminal makes of it. */
import measure from 'fast-string-width';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;

/** Control characters, those that turn the direction of writing, and those that nobody sees, as `\x1b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** JSON that means the same, and moves no cursor either. */
export function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const PLAIN = /^[\x20-\x7e]*$/;

/** Columns on a terminal. Colours take none. */
export function width(text: string): number {
  return PLAIN.test(text) ? text.length : measure(text);
}

/** No wider than this; what is cut ends in `…`. @param text without colours */
export function cut(text: string, most: number): string {
  if (width(text) <= most) return text;
  if (most <= 0) return '';
  if (PLAIN.test(text)) return `${text.slice(0, most - 1)}…`;
  let kept = '';
  for (const character of text) {
    if (width(kept + character) > most - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)));
  return align === 'left' ? text + space : space + text;
}
