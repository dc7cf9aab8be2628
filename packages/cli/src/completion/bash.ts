/** Completion for bash 3.2 and newer, without the package bash-completion. */
import type { CommandWords } from './words.ts';

export function bashCompletion(name: string, commands: readonly CommandWords[]): string {
  const fn = `_${name.replace(/\W/g, '_')}`;
  const options = commands.map(
    (command) =>
      `    ${command.name}) options='${flags(command).join(' ')}' values='${command.values.join(' ')}'${command.takesFile ? ' names=1' : ''} ;;`,
  );
  const values = commands.flatMap((command) =>
    command.options.flatMap(({ long, short, value, several }) => {
      if (value === 'none') return [];
      const patterns = [long, ...(short === undefined ? [] : [`-${short}`])].map((flag) => `'${command.name} ${flag}'`);
      const kind = value === 'file' ? 'file=1' : `choices='${value === 'text' ? '' : value.join(' ')}'`;
      return [`    ${patterns.join(' | ')}) takes=${several ? 'several' : 'one'} ${kind} ;;`];
    }),
  );
  return `# Completion of ${name} for bash: eval "$(${name} completion bash)"
${fn}() {
  local current=\${COMP_WORDS[COMP_CWORD]} command= last= distance=0 options= values= names= takes= choices= file= i word
  [[ $current == '=' ]] && current=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == '=' ]] && continue
    ((distance++))
    if [[ $word == -* ]]; then last=$word distance=0; elif [[ -z $command ]]; then command=$word last=; fi
  done
  COMPREPLY=()
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W '${commands.map((command) => command.name).join(' ')} --help --version' -- "$current"))
    return
  fi
  case $command in
${options.join('\n')}
  esac
  case "$command $last" in
${values.join('\n')}
  esac
  if [[ $current != -* ]] && { [[ $takes == several ]] || [[ $takes == one && $distance == 0 ]]; }; then
    if [[ -n $file ]]; then
      ${fn}_files
    else
      COMPREPLY=($(compgen -W "$choices" -- "$current"))
    fi
    return
  fi
  if [[ -n $names && $current != -* ]]; then
    ${fn}_files
    return
  fi
  [[ $current == -* || -z $values ]] && values=$options
  COMPREPLY=($(compgen -W "$values" -- "$current"))
}
# A name may have spaces in it, and is one word all the same.
${fn}_files() {
  compopt -o filenames 2>/dev/null
  local name
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -f -- "$current")
}
complete -F ${fn} ${name}
`;
}

function flags({ options }: CommandWords): string[] {
  return options.map(({ long }) => long);
}
