/** Completion for zsh, by its own `_arguments`. */
import type { CommandWords, OptionWords } from './words.ts';

export function zshCompletion(name: string, commands: readonly CommandWords[]): string {
  const fn = `_${name.replace(/\W/g, '_')}`;
  const described = commands.map((command) => `    ${quote(`${colons(command.name)}:${command.description}`)}`);
  const cases = commands.map((command) => {
    const specs = [...command.options.flatMap(specsOf), argumentsOf(command)].map((spec) => `        ${spec}`);
    return `    ${command.name})\n      _arguments -s -S \\\n${specs.join(' \\\n')}\n      ;;`;
  });
  return `#compdef ${name}
# Completion of ${name} for zsh: eval "$(${name} completion zsh)", or a file _${name} in a folder of $fpath.
${fn}() {
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == ${fn} || $funcstack[1] == _${name} ]]; then
  ${fn} "$@"
else
  compdef ${fn} ${name}
fi
`;
}

function specsOf({ long, short, description, value, several }: OptionWords): string[] {
  const action =
    value === 'none' ? '' : value === 'file' ? ':file:_files' : `:value:(${value === 'text' ? ' ' : value.join(' ')})`;
  const told = `[${description.replace(/[[\]\\]/g, '\\$&')}]${several ? action.replace(':value:', ':*-*:value:') : action}`;
  const repeated = several ? '*' : '';
  // "--option value", and "--option=value".
  const wide = value === 'none' || several ? long : `${long}=`;
  return [wide, ...(short === undefined ? [] : [`-${short}`])].map((flag) => quote(`${repeated}${flag}${told}`));
}

function argumentsOf({ values, takesFile }: CommandWords): string {
  if (takesFile) return quote('*:file:_files');
  return quote(values.length === 0 ? '*:value:( )' : `*:value:(${values.join(' ')})`);
}

function colons(text: string): string {
  return text.replaceAll(':', '\\:');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
