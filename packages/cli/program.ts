import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from './context.ts';

/** Each command by its name, loaded when it is wanted: most are small, some bring half the platform with them. */
const COMMANDS: Readonly<Record<string, () => Promise<(context: Context) => CommandUnknownOpts>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  up: async () => (await import('./commands/up.ts')).upCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  down: async () => (await import('./commands/down.ts')).downCommand,
  cache: async () => (await import('./commands/cache.ts')).cacheCommand,
  login: async () => (await import('./commands/login.ts')).loginCommand,
  logout: async () => (await import('./commands/login.ts')).logoutCommand,
  'login-link': async () => (await import('./commands/login-link.ts')).loginLinkCommand,
  person: async () => (await import('./commands/person.ts')).personCommand,
  token: async () => (await import('./commands/token.ts')).tokenCommand,
  account: async () => (await import('./commands/account.ts')).accountCommand,
  site: async () => (await import('./commands/site/site.ts')).siteCommand,
  domain: async () => (await import('./commands/domain.ts')).domainCommand,
  mailbox: async () => (await import('./commands/mailbox.ts')).mailboxCommand,
  forwarder: async () => (await import('./commands/forwarder.ts')).forwarderCommand,
  queue: async () => (await import('./commands/queue.ts')).queueCommand,
  probe: async () => (await import('./commands/probe.ts')).probeCommand,
  node: async () => (await import('./commands/node.ts')).nodeCommand,
  image: async () => (await import('./commands/image.ts')).imageCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
  test: async () => (await import('./commands/test.ts')).testCommand,
};

/** The program with the one command that `argv` begins with, or with all of them where it names none. */
export async function makeProgram(context: Context, argv: readonly string[] = []): Promise<CommandUnknownOpts> {
  const program = new Command('hofje')
    .description('A web-hosting platform in which each website lives in a house of its own.')
    .option('--json', 'one JSON document on stdout')
    .version('0.1.0')
    .addHelpText(
      'after',
      `
Environment:
  HOFJE_STATE       folder of the installation (default /var/lib/hofje)
  HOFJE_CACHE       folder of downloads and built images (default /var/cache/hofje)
  HOFJE_API         https address of an API elsewhere, with
  HOFJE_TOKEN_FILE  a file that holds the token, and
  HOFJE_CA_FILE     a file with the authority of its certificate (PEM)
Without HOFJE_API and HOFJE_STATE, commands act as whoever has logged in with \`hofje login\`, else as this machine's operator.

Exit codes: 0 done, 1 failed, 64 wrong usage, 69 not available, 77 not permitted.`,
    );
  const [wanted = ''] = argv;
  const names = Object.hasOwn(COMMANDS, wanted) ? [wanted] : Object.keys(COMMANDS);
  for (const name of names) {
    const make = await COMMANDS[name]?.();
    if (make !== undefined) program.addCommand(make(context));
  }
  settle(program);
  return program;
}

/** The same manners for every command: errors are thrown, help shows the options that are everywhere. */
function settle(command: CommandUnknownOpts): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'hofje: ')) })
    .showHelpAfterError(`  Run \`${pathOf(command)} --help\` to see how it is used.`);
  for (const child of command.commands) settle(child);
}

function pathOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
