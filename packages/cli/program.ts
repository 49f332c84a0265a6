import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { accountCommand } from './commands/account.ts';
import { cacheCommand } from './commands/cache.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { domainCommand } from './commands/domain.ts';
import { downCommand } from './commands/down.ts';
import { forwarderCommand } from './commands/forwarder.ts';
import { imageCommand } from './commands/image.ts';
import { mailboxCommand } from './commands/mailbox.ts';
import { nodeCommand } from './commands/node.ts';
import { probeCommand } from './commands/probe.ts';
import { queueCommand } from './commands/queue.ts';
import { siteCommand } from './commands/site/site.ts';
import { statusCommand } from './commands/status.ts';
import { testCommand } from './commands/test.ts';
import { upCommand } from './commands/up.ts';
import type { Context } from './context.ts';

const COMMANDS = [
  demoCommand,
  doctorCommand,
  upCommand,
  statusCommand,
  downCommand,
  cacheCommand,
  accountCommand,
  siteCommand,
  domainCommand,
  mailboxCommand,
  forwarderCommand,
  queueCommand,
  probeCommand,
  nodeCommand,
  imageCommand,
  testCommand,
] as const;

/** All commands. */
export function makeProgram(context: Context): CommandUnknownOpts {
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

Exit codes: 0 done, 1 failed, 64 wrong usage, 69 not available, 77 not permitted.`,
    );
  for (const make of COMMANDS) program.addCommand(make(context));
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
