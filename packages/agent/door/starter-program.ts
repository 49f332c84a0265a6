/**
 * The helper's program. It is told by lines, words separated by blanks and encoded as in URLs:
 *
 * - `start ID SCORE LOG TERMINAL GROUP N JOIN... PROGRAM ARGUMENT...`, answered by `made ID PID` and, where TERMINAL is empty, the
 *   helper's own descriptors of standard input, output and error; or by `made ID 0 REASON`
 * - `close DESCRIPTOR...`: of those
 * - `end ID`: its input is complete
 * - `kill ID`
 *
 * and says `ended ID STATUS` (as of wait(2)) when a process has ended. It ends with its input.
 *
 * A program reads an end only where there is one: the helper holds each standard input open, too, until it is told that
 * it is complete, also when the process has ended and others that it started still read. When whoever tells it goes away
 * before, killed perhaps, it kills all that is in GROUP (the folder of a control group) and only then lets go.
 *
 * A new process first raises its OOM score, so that the kernel ends it before others when the machine's memory runs out
 * (crun sets this for a container's first process only), then enters its groups, and becomes the program only when all of
 * that was taken and the helper is still there: whoever saw the helper end has looked into the group before or after that.
 *
 * `pidfd_open` has the same number on every architecture.
 */
export const STARTER = String.raw`
use strict; use POSIX (); $| = 1;
my $PIDFD_OPEN = 434;
my (%ends, %inputs, %pids, %ids, $input);
# Nobody may listen any more, and there is still something to do.
$SIG{PIPE} = 'IGNORE';

sub fail {
  my ($log, $what) = @_;
  $what .= ": $!"; $what =~ s/[^ -~]|["\\]/?/g;
  if (sysopen my $file, $log, POSIX::O_WRONLY | POSIX::O_CREAT | POSIX::O_APPEND, 0600) {
    syswrite $file, qq({"msg":"$what","level":"error","time":"now"}\n);
  }
  POSIX::_exit(1);
}

sub put {
  my ($log, $name, $value) = @_;
  sysopen my $file, $name, POSIX::O_WRONLY or fail($log, "open $name");
  my $count = syswrite $file, $value;
  defined $count && $count == length $value && close $file or fail($log, "write $name");
}

sub become {
  my ($helper, $score, $log, $streams, $joins, $argv) = @_;
  $SIG{PIPE} = 'DEFAULT';
  put($log, '/proc/self/oom_score_adj', $score);
  put($log, $_, '0') for @$joins;
  getppid() == $helper or POSIX::_exit(1);
  for my $number (0 .. 2) { POSIX::dup2($streams->[$number], $number) // fail($log, 'streams'); }
  exec { $argv->[0] } @$argv;
  fail($log, "start $argv->[0]");
}

sub streams {
  my ($terminal) = @_;
  if ($terminal ne '') {
    sysopen my $file, $terminal, POSIX::O_RDWR | POSIX::O_NOCTTY or return;
    return [$file, $file, $file], [];
  }
  my (@theirs, @ours);
  for my $number (0 .. 2) {
    pipe my $reader, my $writer or return;
    push @theirs, $number ? $writer : $reader;
    push @ours, $number ? $reader : $writer;
  }
  return \@theirs, \@ours;
}

sub start {
  my ($id, @words) = @_;
  s/%([0-9A-Fa-f]{2})/chr hex $1/ge for @words;
  my ($score, $log, $terminal, $group, $count, @rest) = @words;
  my @joins = splice @rest, 0, $count;
  my ($theirs, $ours) = streams($terminal);
  return print "made $id 0 $!\n" unless $theirs;
  my $helper = $$;
  my $pid = fork;
  return print "made $id 0 $!\n" unless defined $pid;
  become($helper, $score, $log, [map { fileno $_ } @$theirs], \@joins, \@rest) if $pid == 0;
  my $end = syscall $PIDFD_OPEN, $pid, 0;
  if ($end < 0) { print "made $id 0 $!\n"; kill 9, $pid; waitpid $pid, 0; return; }
  ($pids{$id}, $ids{$end}) = ($pid, $id);
  vec($input, $end, 1) = 1;
  $inputs{$id} = [$ours->[0], $group] if @$ours;
  $ends{fileno $_} = $_ for @$ours;
  print join(' ', 'made', $id, $pid, map { fileno $_ } @$ours), "\n";
}

sub ended {
  my ($end) = @_;
  my $id = delete $ids{$end};
  waitpid delete $pids{$id}, 0;
  print "ended $id $?\n";
  vec($input, $end, 1) = 0;
  POSIX::close($end);
}

sub set {
  my ($name, $value) = @_;
  sysopen my $file, $name, POSIX::O_WRONLY or return;
  syswrite $file, $value;
}

sub processes {
  my ($group) = @_;
  open my $file, '<', "$group/cgroup.procs" or return;
  return grep { $_ > 0 } <$file>;
}

sub end_group {
  my ($group) = @_;
  for (1 .. 2000) {
    processes($group) or return;
    if (-e "$group/cgroup.kill") { set("$group/cgroup.kill", '1'); }
    else {
      set("$group/freezer.state", 'FROZEN');
      kill 9, processes($group);
      set("$group/freezer.state", 'THAWED');
    }
    select undef, undef, undef, 0.005;
  }
}

sub obey {
  my ($order, @words) = split / /, $_[0], -1;
  if ($order eq 'start') { start(@words); }
  elsif ($order eq 'close') { delete @ends{@words}; }
  elsif ($order eq 'end') { delete $inputs{$words[0]}; }
  elsif ($order eq 'kill') { kill 9, $pids{$words[0]} if $pids{$words[0]}; }
}

$input = ''; vec($input, 0, 1) = 1;
my $told = '';
while (1) {
  my $ready = $input;
  select($ready, undef, undef, undef) >= 0 or next;
  for my $end (keys %ids) { ended($end) if vec($ready, $end, 1); }
  next unless vec($ready, 0, 1);
  sysread(STDIN, $told, 65536, length $told) or last;
  obey($1) while $told =~ s/^([^\n]*)\n//;
}
for my $id (keys %inputs) {
  kill 9, $pids{$id} if $pids{$id};
  end_group($inputs{$id}[1]) if $inputs{$id}[1] ne '';
}`;
