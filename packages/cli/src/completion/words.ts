/** What can be typed, read from the commands as they are declared: what every shell's completion is made of. */
import type { Command, Option } from 'commander';

export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  /** Values of its arguments, where they are known. */
  readonly values: readonly string[];
  /** Takes the name of a file. */
  readonly takesFile: boolean;
}

export interface OptionWords {
  readonly long: string;
  /** Without its dash. */
  readonly short: string | undefined;
  readonly description: string;
  /** `none` stands alone. */
  readonly value: 'none' | 'text' | 'file' | readonly string[];
  /** Takes several values. */
  readonly several: boolean;
}

/**
 * @param program with its commands. Addresses of backends are not among the words: to ask the registry for them would take longer than one waits for a key.
 */
export function wordsOf(program: Command): readonly CommandWords[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name());
  return commands.map((command) => ({
    name: command.name(),
    description: command.summary() || command.description(),
    options: help.visibleOptions(command).map(optionOf),
    takesFile: command.registeredArguments.some((argument) => argument.name() === 'file'),
    values:
      command.name() === 'help' ? names : command.registeredArguments.flatMap(({ argChoices = [] }) => [...argChoices]),
  }));
}

function optionOf(option: Option): OptionWords {
  const takesFile = option.flags.includes('<file>');
  const takesText = option.required || option.optional;
  return {
    long: option.long ?? option.flags,
    short: option.short?.slice(1),
    description: option.description,
    value: option.argChoices ?? (takesFile ? 'file' : takesText ? 'text' : 'none'),
    several: option.variadic,
  };
}
