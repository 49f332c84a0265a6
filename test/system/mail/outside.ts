import { spawn } from 'node:child_process';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';
import { randomAddress, type TestService } from '#test/support/service.ts';
import { OUTSIDE, Sink } from './fixture.ts';

/** The mail servers of others, and a name server that knows them. */
export interface Outside {
  /** For `outside.example` and `sender.example`. */
  readonly sink: Sink;
  /** For `private.example`, which says that its mail server has a private address. */
  readonly private: Sink;
  stop(): Promise<void>;
}

const PRIVATE = randomAddress();

export async function startOutside(service: TestService): Promise<Outside> {
  for (const address of [OUTSIDE, PRIVATE]) {
    await run(['ip', 'addr', 'add', `${address}/32`, 'dev', service.linkName]);
  }
  const sink = await new Sink().listen({ host: OUTSIDE, port: 25 });
  const hidden = await new Sink().listen({ host: PRIVATE, port: 25 });
  const names = spawn(
    'dnsmasq',
    [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--pid-file=',
      '--user=root',
      `--listen-address=${OUTSIDE}`,
      '--bind-interfaces',
      '--mx-host=outside.example,mx.outside.example,10',
      '--mx-host=sender.example,mx.outside.example,10',
      '--mx-host=private.example,mx.private.example,10',
      `--host-record=mx.outside.example,${OUTSIDE}`,
      `--host-record=mx.private.example,${PRIVATE}`,
      '--local=/example/',
    ],
    { env: HOST_ENVIRONMENT, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise((resolve) => names.on('exit', resolve));
  return {
    sink,
    private: hidden,
    stop: async () => {
      names.kill();
      await ended;
      await sink.stop();
      await hidden.stop();
    },
  };
}
