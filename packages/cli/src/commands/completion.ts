import type { Command } from 'commander';
import type { Call } from '../call.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { wordsOf } from '../completion/words.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { EXIT, type Exit } from '../exit.ts';

export async function run({ io }: Call, program: Command, shell: 'bash' | 'zsh' | 'fish'): Promise<Exit> {
  const completionFor = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }[shell];
  io.print(completionFor(program.name(), wordsOf(program)).trimEnd());
  return EXIT.done;
}
