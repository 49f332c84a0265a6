import { describe, expect, test } from 'vitest';
import { decideConfig } from './config.ts';
import { serverNames } from './pki/server-tls.ts';

const least = {
  databaseUrl: 'postgresql://localhost/hofje',
  operatorTokenHash: 'a'.repeat(64),
  listen: [{ host: '127.0.0.1', port: 8443 }],
  pkiFolder: '/x/pki',
  publicUrls: { client: 'https://127.0.0.1:8443', node: 'https://100.64.0.1:8443' },
};

describe('the configuration', () => {
  test('the least that is enough', () => {
    expect(decideConfig(least)).toMatchObject({
      database: { url: least.databaseUrl },
      jobs: true,
      graceSeconds: 604_800,
    });
  });

  test.each([
    ['a member that is unknown', { ...least, databaseURL: 'x' }, 'databaseURL'],
    ['no database', { ...least, databaseUrl: undefined }, 'database'],
    ['no token', { ...least, operatorTokenHash: undefined }, 'operatorTokenHash'],
    ['a token instead of its hash', { ...least, operatorTokenHash: 'secret' }, 'operatorTokenHash'],
    ['nowhere to listen', { ...least, listen: [] }, 'listen'],
  ])('%s is refused', (_what, config, field) => {
    const given = JSON.parse(JSON.stringify(config));
    expect(() => decideConfig(given)).toThrow(expect.objectContaining({ code: 'config.invalid', field }));
  });

  test('the server’s certificate names every way in', () => {
    const config = decideConfig({
      ...least,
      certificateNames: ['panel.example'],
      listen: [...least.listen, { host: '0.0.0.0', port: 1 }],
    });
    expect(serverNames(config)).toEqual(['localhost', '127.0.0.1', '100.64.0.1', 'panel.example']);
  });
});
