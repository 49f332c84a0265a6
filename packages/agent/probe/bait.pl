# Lays baits and keeps them until standard input ends: a listener on every address and one on loopback, an abstract and a
# file socket, shared memory, semaphores and queues, files in /tmp and /dev/shm, and itself as a process to be found.
# Runs in a decoy site and, for the positive control, on the node. Says `ready TAB port TAB loopback port` when all is laid.
# Arguments: name=value with token (its command line is the bait), ipc-key, ipc-name, abstract-name, socket-file, home-file, tmp-name.
use strict;
use warnings;
use Fcntl;
use POSIX ();
use Socket;

my %bait = map { /^([a-z-]+)=(.*)$/s ? ($1 => $2) : () } @ARGV;
sub lay { my ($what, $ok) = @_; $ok or die "bait $what: $!\n" }

sub listener {
    my ($address) = @_;
    socket(my $s, AF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
    lay("listener $address", bind($s, pack_sockaddr_in(0, inet_aton($address))) && listen($s, 64));
    return ($s, (sockaddr_in(getsockname($s)))[0]);
}
sub unix_listener {
    my ($name) = @_;
    socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
    lay("socket", bind($s, pack_sockaddr_un($name)) && listen($s, 64));
    return $s;
}
sub file {
    my ($path) = @_;
    lay($path, sysopen(my $file, $path, O_CREAT | O_EXCL | O_WRONLY, 0644));
    lay($path, syswrite($file, "bait\n") && close($file));
}

my ($open, $port) = listener('0.0.0.0');
my ($loopback, $loopback_port) = listener('127.0.0.1');
my $abstract = unix_listener("\0$bait{'abstract-name'}");
my $socket = unix_listener($bait{'socket-file'});
chmod 0666, $bait{'socket-file'};
file($bait{'home-file'});
file("/tmp/$bait{'tmp-name'}");
file("/dev/shm/$bait{'ipc-name'}");
my $key = $bait{'ipc-key'} + 0;
my $IPC_CREAT_EXCL = 03000 | 0666;
my $segment = syscall(29, $key, 4096, $IPC_CREAT_EXCL);
lay('shared memory', $segment >= 0);
my $semaphores = syscall(64, $key, 1, $IPC_CREAT_EXCL);
lay('semaphores', $semaphores >= 0);
my $messages = syscall(68, $key, $IPC_CREAT_EXCL);
lay('messages', $messages >= 0);
my $queue_name = $bait{'ipc-name'};
lay('posix queue', syscall(240, $queue_name, O_CREAT | O_RDONLY, 0666, 0) >= 0);

$| = 1;
print "ready\t$port\t$loopback_port\n";
my $rest = '';
1 while sysread(STDIN, $rest, 4096);

unlink $bait{'socket-file'}, $bait{'home-file'}, "/tmp/$bait{'tmp-name'}", "/dev/shm/$bait{'ipc-name'}";
syscall(31, $segment, 0, 0);
syscall(66, $semaphores, 0, 0);
syscall(71, $messages, 0, 0);
syscall(241, $queue_name);
