/** The command line: every command, its options and its help. What a command does is in `commands/`, loaded when it runs. */
import { Argument, Command, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { Call, CommandModule } from './call.ts';
import { ROLES } from './doctor/role.ts';
import type { Exit } from './exit.ts';
import { UsageError, withoutSecrets } from './failure.ts';
import { DEFAULT_TIMEOUT_MS } from './place.ts';
import { SORTS } from './sorts.ts';

/** Heading of the options that say where the registry is. */
const REGISTRY = 'Registry:';

const ENVIRONMENT = `
Environment:
  REGISTRY_TYPE, REDIS_URL, REDIS_DB             where the registry is, as for the registry's own factory
  UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN
  BACKEND_HEARTBEAT_TIMEOUT                      seconds that a registration or a heartbeat lasts
  NO_COLOR, FORCE_COLOR

Exit status:
  0 done   1 the answer is no (not registered, fenced, a check failed)   2 wrong usage   3 the store cannot be reached or refuses   130 interrupted
`;

const MIGRATE_HELP = `
Environment:
  FROM_REDIS_URL, TO_REDIS_URL                   a side without --from or --to, its password out of sight
  FROM_UPSTASH_REDIS_REST_URL, FROM_UPSTASH_REDIS_REST_TOKEN, and with TO_
                                                 else UPSTASH_REDIS_REST_TOKEN is the token of both

Examples:
  $ backend-registry migrate --from redis://old:6379 --to redis://new:6379 --dry-run
  $ backend-registry migrate --from redis://localhost --to redis://localhost --to-prefix shop:
  $ TO_UPSTASH_REDIS_REST_TOKEN=… backend-registry migrate --from redis://old:6379 --to https://….upstash.io
`;

/**
 * @param args what was typed, which a message about it may repeat
 * @param settle told what the command ends with
 */
export function programOf(call: Call, args: readonly string[], settle: (exit: Exit) => void): Command {
  const program = new Command('backend-registry')
    .description('Shows, checks and repairs a registry of backends.')
    .version(packageJson.version, '-V, --version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError(true)
    .configureHelp({ groupItems })
    .addHelpText('after', ENVIRONMENT)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void call.io.stdout.write(text),
      writeErr: (text) => void call.io.stderr.write(text),
      outputError: (text, write) => {
        const told = args.reduce(
          (sum, arg) => (arg === '' ? sum : sum.replaceAll(arg, () => withoutSecrets(arg))),
          text,
        );
        write(
          `${told
            .trimEnd()
            .replace(/\n+/g, ' ')
            .replace(/command-argument value '(.*)' is invalid for argument '(.*)'\./, "'$1' is no $2.")
            .replace(/option '(--\S+)[^']*' argument '(.*)' is invalid\./, "$1 '$2' is unknown.")
            .replace(/^error:/, call.io.errorStyle.red('error:'))}\n`,
        );
      },
    });

  const plain = (usage: string, description: string, examples: readonly string[]): Command => {
    const made = program.command(usage).description(description).allowExcessArguments(false);
    const shown = examples.map((example) => `  $ backend-registry ${example}`).join('\n');
    return made.addHelpText('after', `\nExamples:\n${shown}`);
  };
  /** A command that needs a registry. */
  const command: typeof plain = (usage, description, examples) => {
    const made = plain(usage, description, examples);
    for (const option of placeOptions()) made.addOption(option);
    return made;
  };
  const action =
    <Args extends readonly unknown[]>(load: () => Promise<CommandModule<Args>>) =>
    async (...given: unknown[]): Promise<void> => {
      const { run } = await load();
      // Commander adds the command itself.
      settle(await run(call, ...(given.slice(0, -1) as unknown as Args)));
    };

  command('list', 'List the backends of the registry.', [
    'list --registry redis://localhost:6379',
    'list --status healthy draining --zone eu-1',
    "list --json | jq '.[].id'",
    'list --watch',
  ])
    .addOption(
      new Option('--status <status...>', 'only these').choices(['healthy', 'unhealthy', 'draining', 'expired']),
    )
    .option('--zone <zone>', 'only those of this zone')
    .option('--meta <name=value...>', 'only those with these entries in their metadata')
    .option('--json', 'print an array of backends as the contract has them')
    .option('-w, --watch', 'print the list again whenever it changes, until interrupted')
    .action(action(() => import('./commands/list.ts')));

  command('get <url>', 'Show one backend, with its lease.', [
    'get http://10.0.0.7:8001',
    'get http://10.0.0.7:8001 --json',
  ])
    .option('--json', 'print it as JSON')
    .action(action(() => import('./commands/get.ts')));

  command('watch', 'Print each change of the registry, until interrupted.', [
    'watch',
    'watch --metrics',
    'watch --json | jq -r \'select(.type == "removed") | .backend.id\'',
  ])
    .option('--metrics', 'also changes of metrics alone')
    .option('--json', 'print each event as JSON on a line of its own')
    .action(action(() => import('./commands/watch.ts')));

  command('top', 'Watch the backends on the whole terminal: status, load, latencies, leases.', [
    'top',
    'top --sort latency',
  ])
    .addOption(new Option('--sort <key>', 'what to begin with').choices(SORTS))
    .action(action(() => import('./commands/top.ts')));

  command('register <url>', 'Register a backend, or declare one anew.', [
    'register http://10.0.0.7:8001 --zone eu-1 --meta team=search',
    'register http://10.0.0.7:8001 --heartbeat-timeout 60s',
    'register http://10.0.0.7:8001 --keep --drain 30s',
  ])
    .option('--keep', 'send its heartbeats until interrupted, then drain and unregister it')
    .option('--drain <duration>', 'how long --keep may drain at the end; 0 to leave at once (default: 5s)')
    .option('--zone <zone>', 'where it runs')
    .option('--weight <number>', 'share of traffic relative to other backends (default: 1)')
    .option('--meta <name=value...>', 'its metadata')
    .option('--incarnation <name>', 'name of this life of it (default: kept if it is registered, else random)')
    .option('--unhealthy', 'register it as unhealthy')
    .addOption(heartbeatTimeout())
    .option('--json', 'print the answer as JSON; with --keep, each state on a line of its own')
    .action(action(() => import('./commands/register.ts')));

  command('heartbeat <url>', 'Send a heartbeat for a backend.', [
    'heartbeat http://10.0.0.7:8001',
    'heartbeat http://10.0.0.7:8001 --heartbeat-timeout 60s',
  ])
    .addOption(incarnation())
    .addOption(heartbeatTimeout())
    .addOption(answerAsJson())
    .action(action(() => import('./commands/heartbeat.ts')));

  command('health <url>', 'Report the health of a backend.', [
    'health http://10.0.0.7:8001 down',
    'health http://10.0.0.7:8001 up',
  ])
    .addArgument(new Argument('<state>', 'what it is').choices(['up', 'down']))
    .addOption(incarnation())
    .addOption(answerAsJson())
    .action(action(() => import('./commands/health.ts')));

  command('drain <url>', 'Ask proxies to send nothing new to a backend. It stays registered.', [
    'drain http://10.0.0.7:8001',
    'drain http://10.0.0.7:8001 --deadline 30s && systemctl stop search',
    'drain http://10.0.0.7:8001 --off',
  ])
    .option('--deadline <duration>', 'wait until it has nothing in flight, so long at most')
    .option('--off', 'take the drain back')
    .addOption(incarnation())
    .addOption(answerAsJson())
    .action(action(() => import('./commands/drain.ts')));

  command('unregister <url>', 'Remove a backend. A process that is alive registers again.', [
    'unregister http://10.0.0.7:8001',
    'unregister http://10.0.0.7:8001 --incarnation k3XbL9wQ',
  ])
    .addOption(incarnation())
    .addOption(answerAsJson())
    .action(action(() => import('./commands/unregister.ts')));

  command('cleanup', 'Remove backends whose lease has ended, and rows that cannot be read.', [
    'cleanup --dry-run',
    'cleanup --limit 10',
  ])
    .option('--dry-run', 'only show what would be removed')
    .option('--limit <number>', 'remove no more than this many, those expired longest first')
    .option('--json', 'print what was removed as JSON')
    .action(action(() => import('./commands/cleanup.ts')));

  program
    .command('migrate')
    .description(
      'Copy a live registry into another store, or behind another prefix. Nothing newer there is overwritten.',
    )
    .allowExcessArguments(false)
    .option('--dry-run', 'only show what would be copied')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', MIGRATE_HELP);
  for (const option of sideOptions()) program.commands.at(-1)?.addOption(option);
  program.commands.at(-1)?.action(action(() => import('./commands/migrate.ts')));

  command('export [file]', 'Write the registry as JSON lines, with what is left of each lease.', [
    'export backends.jsonl',
    "export | jq -r '.id // empty'",
  ]).action(action(() => import('./commands/export.ts')));

  command('import <file>', 'Register what export has written, and is not registered. `-` reads stdin.', [
    'import backends.jsonl --dry-run',
    'import - < backends.jsonl',
  ])
    .option('--dry-run', 'only show what would be registered')
    .option('--json', 'print the result as JSON')
    .action(action(() => import('./commands/import.ts')));

  command('adopt', 'Register the backends of rows that another program wrote. Their rows are kept.', [
    'adopt --dry-run',
    'adopt --heartbeat-timeout 60s',
  ])
    .option('--dry-run', 'only show what would be adopted')
    .option('--heartbeat-timeout <duration>', 'how long their heartbeats last (default: the environment, else 60s)')
    .option('--json', 'print the result as JSON')
    .action(action(() => import('./commands/adopt.ts')));

  command('explain <url>', 'Say why proxies send requests to a backend, or do not.', [
    'explain http://10.0.0.7:8001',
    'explain http://10.0.0.7:8001 --json | jq -r .because',
  ])
    .option('--json', 'print { id, registered, routable, because, verdict, remedy?, notes, backend }')
    .action(action(() => import('./commands/explain.ts')));

  command('doctor', 'Check the store and the registry in it, and say what to do about what is wrong.', [
    'doctor',
    'doctor --role backend --registry redis://backend:secret@localhost:6379',
    'doctor --json | jq \'.checks[] | select(.status != "ok")\'',
  ])
    .addOption(new Option('--role <role>', 'whose permissions this user must have').choices(ROLES).default('operator'))
    .option('--read-only', 'write nothing: do not try the operations on keys of their own')
    .option('--deep', 'go through all keys of the database, however many there are')
    .option('--json', 'print { ok, checks: [{ name, status, message, remedy? }] }')
    .action(action(() => import('./commands/doctor.ts')));

  plain('completion', 'Print what a shell runs to complete commands and options.', [
    'completion bash >> ~/.bashrc',
    'completion zsh > ~/.zfunc/_backend-registry',
    'completion fish > ~/.config/fish/completions/backend-registry.fish',
  ])
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { run } = await import('./commands/completion.ts');
      settle(await run(call, program, shell));
    });

  return program;
}

/**
 * What was typed, so that what is wrong in it is told as it is meant:
 * - `help` of a command that there is not is answered as that command would be, with the nearest one, and so is its `--help`;
 * - of an option that there is not, the name alone is compared with those that there are, and its value is not repeated;
 * - an option of a command that stands before the command is a {@link UsageError}.
 */
export function wordsAsked(program: Command, args: readonly string[]): readonly string[] {
  const [first = '', name = ''] = args;
  const commands = ['', 'help', ...program.commands.map((each) => each.name())];
  const options = new Set(program.commands.flatMap((command) => command.options.map(({ long }) => long)));
  const [, option = ''] = /^(--[a-z-]+)/.exec(first) ?? [];
  if (options.has(option) && !program.options.some(({ long }) => long === option) && option !== '--help')
    throw new UsageError(`${option} stands after the command: backend-registry COMMAND ${option} …`);
  const asked = first === 'help' && !name.startsWith('-') && !commands.includes(name) ? args.slice(1) : args;
  const isUnknown = !first.startsWith('-') && !commands.includes(first);
  return asked
    .filter((word) => !(isUnknown && (word === '--help' || word === '-h')))
    .flatMap((word) => {
      const [, named = '', value] = /^(--[a-z-]+)(?:=(.*))?$/is.exec(word) ?? [];
      const lower = named.toLowerCase();
      if (named !== lower && options.has(lower))
        throw new UsageError(`unknown option '${named}' (Did you mean ${lower}?)`);
      return value === undefined || options.has(named) ? [word] : [named];
    });
}

/** By their headings. Where the registry is, is the same for every command, so that its own options come first. */
function groupItems<T>(_: readonly T[], visible: readonly T[], headingOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of visible) groups.set(headingOf(item), [...(groups.get(headingOf(item)) ?? []), item]);
  const common = groups.get(REGISTRY);
  if (common !== undefined) {
    groups.delete(REGISTRY);
    groups.set(REGISTRY, common);
  }
  return groups;
}

function incarnation(): Option {
  return new Option('--incarnation <name>', 'only if this life of the backend is the one that is registered');
}

function heartbeatTimeout(): Option {
  return new Option('--heartbeat-timeout <duration>', 'how long it lasts (default: the environment, else 60s)');
}

function answerAsJson(): Option {
  return new Option('--json', 'print the answer as JSON');
}

/** Where the two registries of a move are. */
function sideOptions(): Option[] {
  const of = (side: 'from' | 'to', what: string): Option[] => {
    const group = (option: Option): Option => option.helpGroup(`${what}:`);
    return [
      new Option(`--${side} <url>`, 'redis://[user:password@]host[:port][/db], rediss://…, or https://… for Upstash'),
      new Option(`--${side}-prefix <prefix>`, 'prefix of its keys'),
      new Option(`--${side}-cluster`, 'the hosts of its url are nodes of a Cluster'),
      new Option(`--${side}-sentinel <name>`, 'the hosts of its url are Sentinels of the master with this name'),
    ].map(group);
  };
  const both = placeOptions().filter(({ long }) => BOTH_SIDES.includes(long ?? ''));
  return [...of('from', 'Source'), ...of('to', 'Target'), ...both.map((option) => option.helpGroup('Both:'))];
}

const BOTH_SIDES = ['--cacert', '--cert', '--key', '--insecure', '--timeout'];

/** Where the registry is. */
function placeOptions(): Option[] {
  const group = (option: Option): Option => option.helpGroup(REGISTRY);
  return [
    new Option(
      '-r, --registry <url>',
      'redis://[user:password@]host[:port][/db], rediss://…, or https://… for Upstash; default: the environment, else redis://localhost:6379',
    ),
    new Option('-p, --prefix <prefix>', 'prefix of its keys (option keyPrefix of the registry)'),
    new Option('--db <number>', 'number of the Redis database'),
    new Option('--cluster', 'the hosts of the url are nodes of a Cluster: redis://a:7000,b:7000'),
    new Option('--sentinel <name>', 'the hosts of the url are Sentinels of the master with this name'),
    new Option('--cacert <file>', 'TLS: certificates of the authorities to trust'),
    new Option('--cert <file>', 'TLS: certificate to show'),
    new Option('--key <file>', 'TLS: its private key'),
    new Option('--insecure', 'TLS: do not verify the certificate of the server'),
    new Option(
      '--token <token>',
      'of Upstash; other users of this machine can see it here, and not in UPSTASH_REDIS_REST_TOKEN',
    ),
    new Option('--timeout <duration>', `deadline of one call (default: ${DEFAULT_TIMEOUT_MS / 1_000}s)`),
  ].map(group);
}
