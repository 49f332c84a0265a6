import { readFileSync } from 'node:fs';

const LOOK = readFileSync(new URL('look.pl', import.meta.url), 'utf8');
const BAIT = readFileSync(new URL('bait.pl', import.meta.url), 'utf8');

/** A probe program as argv: it travels through the door as an argument and needs no file where it runs. */
function perl(program: string, settings: Readonly<Record<string, string>>): [string, ...string[]] {
  return ['perl', '-e', program, '--', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)];
}

export function lookProgram(baits: Readonly<Record<string, string>>): [string, ...string[]] {
  return perl(LOOK, baits);
}

export function baitProgram(settings: Readonly<Record<string, string>>): [string, ...string[]] {
  return perl(BAIT, settings);
}

/** A PHP page that runs argv and shows its output: the web door of a decoy. Nothing in it comes from a request. */
export function webPage(argv: readonly string[]): string {
  const encoded = Buffer.from(JSON.stringify(argv)).toString('base64');
  return [
    '<?php',
    'header("Content-Type: text/plain");',
    `$argv = json_decode(base64_decode('${encoded}'));`,
    '$process = proc_open($argv, [1 => ["pipe", "w"], 2 => ["file", "/dev/null", "w"]], $pipes);',
    'echo stream_get_contents($pipes[1]);',
    'proc_close($process);',
    '',
  ].join('\n');
}
