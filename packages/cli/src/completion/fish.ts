/** Completion for fish. */
import type { CommandWords, OptionWords } from './words.ts';

export function fishCompletion(name: string, commands: readonly CommandWords[]): string {
  const line = (...words: readonly string[]): string => ['complete', '-c', name, ...words].join(' ');
  const lines = commands.flatMap((command) => {
    const inside = ['-n', quote(`__fish_seen_subcommand_from ${command.name}`)];
    return [
      line('-n', '__fish_use_subcommand', '-a', command.name, '-d', quote(command.description)),
      ...(command.values.length > 0 ? [line(...inside, '-a', quote(command.values.join(' ')))] : []),
      ...(command.takesFile ? [line(...inside, '-F')] : []),
      ...command.options.map((option) => line(...inside, ...wordsOf(option), '-d', quote(option.description))),
    ];
  });
  return `# Completion of ${name} for fish: ${name} completion fish | source
${line('-f')}
${lines.join('\n')}
`;
}

function wordsOf({ long, short, value }: OptionWords): string[] {
  const flags = ['-l', long.slice(2), ...(short === undefined ? [] : ['-s', short])];
  if (value === 'none') return flags;
  if (value === 'file') return [...flags, '-r', '-F'];
  return [...flags, '-x', ...(value === 'text' ? [] : ['-a', quote(value.join(' '))])];
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
