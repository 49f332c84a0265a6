import type { OciProcess } from '../container/spec.ts';

/** By this a waiter says that there is no such program: of the real-time signals, which nothing sends by itself. */
export const NO_PROGRAM_SIGNAL = 54;

/** Before the names of the program's variables while the waiter waits. */
const KEPT = 'KEPT_';

/** TIOCGWINSZ (ioctl_tty(2)) has this number on every architecture of ours. */
const WAITER = `
for (1 .. 200) {
  my $size = pack 'S4', 0;
  last if !ioctl(STDIN, 0x5413, $size) || unpack 'S', $size;
  select undef, undef, undef, 0.005;
}
%ENV = map { /^${KEPT}(.*)/s ? ($1 => $ENV{$_}) : () } keys %ENV;
exec { $ARGV[0] } @ARGV;
kill ${NO_PROGRAM_SIGNAL}, $$;`;

/**
 * A program that becomes the given one once its terminal has a size: crun (1.8.1) starts the program first and sets the
 * size then, and an editor that looks in between finds 0 by 0. perl-base is in every image.
 *
 * Perl and the dynamic linker obey variables (`PERL5OPT`, `LD_PRELOAD`, `LC_ALL`) that are meant for the program: they have
 * other names until then, and nobody obeys those.
 */
export function onceSized(process: OciProcess): OciProcess {
  return {
    ...process,
    args: ['/usr/bin/perl', '-e', WAITER, '--', ...process.args],
    env: process.env.map((variable) => `${KEPT}${variable}`),
  };
}
