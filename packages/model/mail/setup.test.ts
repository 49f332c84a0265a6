import { expect, test } from 'vitest';
import { PUBLISHED_PORTS } from '../network/service.ts';
import { mailServersAt } from './setup.ts';

test('programs are sent to ports that a node has, and to encrypted ones first', () => {
  const servers = mailServersAt('mail.example.net');
  const ports: readonly number[] = PUBLISHED_PORTS.mail.map(({ port }) => port);
  expect(servers.filter(({ port }) => !ports.includes(port))).toEqual([]);
  for (const protocol of ['imap', 'smtp'])
    expect(servers.find((server) => server.protocol === protocol)).toMatchObject({ security: 'tls' });
});
