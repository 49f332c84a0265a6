import { createAccount } from '#contract/api/account.ts';
import { registerImage } from '#contract/api/image.ts';
import { enrolTestAgent, type FollowOptions, type TestAgent, type TestLink } from './agent.ts';
import { type HarnessOptions, startTestControl, type TestControl } from './harness.ts';

/** A control plane with images, the accounts alice and bob, and one node that follows. */
export interface TestWorld {
  readonly control: TestControl;
  readonly agent: TestAgent;
  readonly link: TestLink;
  stop(): Promise<void>;
}

export const testDigest = (kind: string) => `sha256:${Buffer.from(kind).toString('hex').padEnd(64, '0').slice(0, 64)}`;

export async function startTestWorld(options: HarnessOptions & { follow?: FollowOptions } = {}): Promise<TestWorld> {
  const control = await startTestControl(options);
  try {
    return await furnish(control, options.follow);
  } catch (error) {
    // Nobody else could: who made the world has not got it.
    await control.stop();
    throw error;
  }
}

async function furnish(control: TestControl, follow: FollowOptions | undefined): Promise<TestWorld> {
  const agent = await enrolTestAgent(control, 'node1');
  for (const kind of ['edge', 'mail', 'site-php8.2']) {
    await control.call(registerImage, { body: { kind, digest: testDigest(kind), current: true } });
  }
  for (const name of ['alice', 'bob']) {
    await control.call(createAccount, { body: { name, email: `${name}@example.net` } });
  }
  const link = await agent.follow(follow);
  return {
    control,
    agent,
    link,
    async stop() {
      await link.close();
      await control.stop();
    },
  };
}
