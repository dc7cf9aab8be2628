/** A page for operators, taken apart: the commands that it shows, each with what it printed. */
import { readFileSync, writeFileSync } from 'node:fs';

export interface Example {
  /** The heading that it stands under. */
  readonly section: string;
  readonly command: string;
  readonly output: readonly string[];
}

/** Where the commands of a page stand: a block of a console, each command behind `$ `. */
const CONSOLE = /^```console\n(.*?)^```$/gms;

export class Page {
  readonly #file: URL;
  #text: string;

  /** @param name of a file in `docs/` */
  constructor(name: string) {
    this.#file = new URL(`../../../../docs/${name}`, import.meta.url);
    this.#text = readFileSync(this.#file, 'utf8');
  }

  get text(): string {
    return this.#text;
  }

  examples(): Example[] {
    return Array.from(this.#text.matchAll(CONSOLE)).flatMap((match) => {
      const section = headingBefore(this.#text.slice(0, match.index));
      return commandsIn(match[1] ?? '').map((example) => ({ section, ...example }));
    });
  }

  /** The cells of each row of the table under a heading. */
  tableUnder(heading: string): string[][] {
    const [, section = ''] = this.#text.split(new RegExp(`^#+ ${heading}$`, 'm'));
    return section
      .split(/^#/m, 1)
      .join()
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2)
      .map((line) => line.slice(2, -2).split(' | '));
  }

  /** Writes what the commands of a section have printed in the place of what stood there. */
  write(section: string, outputs: readonly (readonly string[])[]): void {
    const left = [...outputs];
    this.#text = this.#text.replace(CONSOLE, (whole, block: string, at: number) => {
      if (headingBefore(this.#text.slice(0, at)) !== section) return whole;
      const lines = commandsIn(block).flatMap(({ command }) => [`$ ${command}`, ...(left.shift() ?? [])]);
      return ['```console', ...lines, '```'].join('\n');
    });
    writeFileSync(this.#file, this.#text);
  }
}

function headingBefore(text: string): string {
  const headings = text.match(/^##+ .*$/gm) ?? [];
  return headings.at(-1)?.replace(/^#+ /, '') ?? '';
}

function commandsIn(block: string): { command: string; output: string[] }[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...output] = part.trimEnd().split('\n');
      return { command, output };
    });
}
