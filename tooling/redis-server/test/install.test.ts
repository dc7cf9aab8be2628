import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const INSTALL = fileURLToPath(new URL('programs/install.ts', import.meta.url));

/** A folder that stands for the whole PATH, with package managers made of a few lines. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'install-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A program that notes how it was called and then does `work`, with nothing but what the shell has built in. */
function makeProgram(name: string, work: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && exit\necho "${name} $*" >>"${folder}/calls"\n${work}\n`);
  chmodSync(path, 0o755);
}

const makesServer = () => `: >"${folder}/redis-server"`;

async function install(user = 0): Promise<string> {
  const args = [INSTALL, join(folder, 'redis-server'), String(user)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: folder } });
  return stdout.trim();
}

const calls = () =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [];

test('installs with the package manager of the system, once however many ask', async () => {
  // The shell has no sleep built in: it counts, so that the others ask meanwhile.
  makeProgram('apk', `n=0; while [ $n -lt 300000 ]; do n=$((n+1)); done; ${makesServer()}`);
  const server = join(folder, 'redis-server');
  expect(await Promise.all([install(), install(), install()])).toEqual([server, server, server]);
  expect(calls()).toEqual(['apk add redis']);
});

test('asks for the package lists where there are none, and for no package that starts a service', async () => {
  makeProgram('apt-get', `[ "$1" = update ] && : >"${folder}/lists"\n[ -e "${folder}/lists" ] && ${makesServer()}`);
  expect(await install()).toBe(join(folder, 'redis-server'));
  const [first, second, third] = calls();
  expect(first).toMatch(/^apt-get install .* redis-tools$/);
  expect(second).toBe('apt-get update');
  expect(third).toBe(undefined);
});

test('takes the successor where a package is no more', async () => {
  makeProgram('dnf', `[ "$3" = valkey ] && ${makesServer()}`);
  expect(await install()).toBe(join(folder, 'redis-server'));
  expect(calls()).toEqual(['dnf install --assumeyes redis', 'dnf install --assumeyes valkey']);
});

test('uses sudo where it asks for no password, and brew without it', async () => {
  makeProgram('apk', makesServer());
  makeProgram('sudo', '[ "$2" = true ] || { shift; "$@"; }');
  expect(await install(1000)).toBe(join(folder, 'redis-server'));
  expect(calls()).toEqual(['sudo -n true', 'sudo -n apk add redis', 'apk add redis']);
});

test('brew needs no rights', async () => {
  makeProgram('brew', makesServer());
  expect(await install(1000)).toBe(join(folder, 'redis-server'));
  expect(calls()).toEqual(['brew install redis']);
});

test('says which command to run where it may not install, or cannot', async () => {
  makeProgram('apk', 'exit 1');
  expect(await install()).toMatch(/could not be installed\. Run: sudo apk add redis$/);
  makeProgram('sudo', 'exit 1');
  expect(await install(1000)).toMatch(/could not be installed\. Run: sudo apk add redis$/);
  expect(calls()).toEqual(['apk add redis', 'apk add valkey', 'sudo -n true']);
});

test('says so where there is no package manager that it knows', async () => {
  expect(await install()).toMatch(/No redis-server or valkey-server found: install one, or set REDIS_SERVER/);
});
