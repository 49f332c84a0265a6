import { type DestinationStream, type Logger, pino } from 'pino';

/** Members that are never written, whoever logs them: at the top and one level down. */
const SECRETS = ['authorization', 'password', 'passwordHash', 'token', 'ticket', 'key', 'csr', 'cookie'];

/** Events with fields on standard output, one JSON line each. */
export function makeLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { process: 'control' },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '(not logged)' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
