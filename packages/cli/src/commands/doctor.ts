import type { Call } from '../call.ts';
import type { Check } from '../doctor/check.ts';
import { examine } from '../doctor/doctor.ts';
import { isLeftover } from '../doctor/operations.ts';
import type { Role } from '../doctor/role.ts';
import { EXIT, type Exit } from '../exit.ts';
import type { PlaceOptions } from '../place.ts';
import { jsonOf, printable } from '../text.ts';

interface Options extends PlaceOptions {
  readonly role: Role;
  readonly readOnly?: boolean;
  readonly deep?: boolean;
  readonly json?: boolean;
}

export async function run({ io, place: placeOf }: Call, options: Options): Promise<Exit> {
  const place = placeOf(options);
  const { green, yellow, red, dim, bold } = io.style;
  const marks = { ok: green('✓'), warn: yellow('!'), fail: red('✗') };
  const checks: Check[] = [];
  if (!options.json)
    io.print(
      `${bold(place.shown)}${dim(place.keyPrefix === undefined ? '' : ` prefix ${printable(place.keyPrefix)}`)}`,
    );
  const reached = await examine(
    place,
    { role: options.role, readOnly: options.readOnly === true, deep: options.deep === true, signal: io.interruption },
    (check) => {
      checks.push(check);
      if (options.json) return;
      io.print(`${marks[check.status]} ${check.name}: ${check.message}`);
      if (check.remedy !== undefined) io.print(dim(`    → ${check.remedy}`));
    },
  );
  const count = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  const failed = count('fail');
  if (options.json) io.print(jsonOf({ ok: failed === 0, checks }, io.stdout.isTTY ? 2 : undefined));
  else if (io.interrupted) io.say(checks.some(isLeftover) ? 'Interrupted.' : 'Interrupted: what it wrote is removed.');
  else io.say(`${count('ok')} in order, ${count('warn')} to look at, ${failed} broken.`);
  if (!reached) return EXIT.store;
  return failed === 0 ? EXIT.done : EXIT.no;
}
