# Looks around from inside, through whatever door it was started, and reports one line per probe:
#     id TAB seen|unseen|untested TAB fact
# `seen` means that what should be hidden was found. It needs nothing but perl-base, reads no file of the customer's, and
# knows nothing but the baits in its arguments (name=value), which belong to decoys of the platform.
use strict;
use warnings;
use Errno qw(EPERM EACCES ENOSYS ENOENT);
use Fcntl;
use POSIX ();
use Socket;

die "these probes know the system calls of x86_64 only\n" unless (POSIX::uname())[4] eq 'x86_64';

my %bait;
for (@ARGV) { $bait{$1} = $2 if /^([a-z0-9-]+)=(.*)$/s }

my %NR = (
    shmget => 29, shmat => 30, ptrace => 101, syslog => 103, sysinfo => 99, personality => 135, statfs => 137,
    mount => 165, swapon => 167, settimeofday => 164, init_module => 175, add_key => 248, request_key => 249,
    keyctl => 250, unshare => 272, perf_event_open => 298, name_to_handle_at => 303, open_by_handle_at => 304,
    setns => 308, process_vm_readv => 310, kcmp => 312, bpf => 321, userfaultfd => 323, io_uring_setup => 425,
    pidfd_open => 434, pidfd_getfd => 438, msgget => 68, semget => 64, mq_open => 240, chroot => 161, mknodat => 259,
    reboot => 169, quotactl => 179, kexec_load => 246,
);

sub report {
    my ($id, $verdict, $fact) = @_;
    $fact =~ s/[^\x20-\x7e]/?/g;
    print join("\t", $id, $verdict, substr($fact, 0, 300)), "\n";
}

# A probe is a closure that returns (seen?, fact) or undef and a reason when it could not look.
sub probe {
    my ($id, $look) = @_;
    my ($seen, $fact) = eval { local $SIG{ALRM} = sub { die "no answer in time\n" }; alarm 5; my @r = $look->(); alarm 0; @r };
    my $died = $@;
    alarm 0;
    if ($died) { chomp $died; return report($id, 'untested', $died) }
    return report($id, 'untested', $fact // 'nothing to look for') unless defined $seen;
    report($id, $seen ? 'seen' : 'unseen', $fact);
}

sub want { my ($name) = @_; $bait{$name} // die "no bait $name\n" }

# A bait that is laid twice (in the decoy and on the node): seen when either is.
sub any_of {
    my ($name, $look) = @_;
    my @facts;
    for my $value (split /,/, want($name)) {
        my ($seen, $fact) = $look->($value);
        return (1, $fact) if $seen;
        push @facts, $fact;
    }
    return (0, join('; ', @facts));
}

sub slurp {
    my ($path, $limit) = @_;
    open(my $file, '<', $path) or return undef;
    local $/ = undef;
    my $bytes = read($file, my $text, $limit // 65536);
    return defined $bytes ? $text : undef;
}

sub file_seen {
    my ($path) = @_;
    my $text = slurp($path);
    return defined $text && length $text ? (1, "$path can be read") : (0, "$path: $!");
}

sub entries { my ($path) = @_; opendir(my $dir, $path) or return (); return grep { !/^\.\.?$/ } readdir $dir }

# --- processes -----------------------------------------------------------------------------------------------------
sub pids { return grep { /^\d+$/ } entries('/proc') }

probe 'process.decoy' => sub {
    my @tokens = split /,/, want('process-token');
    for my $pid (pids()) {
        my $line = slurp("/proc/$pid/cmdline") // next;
        next if $line =~ /process-token=/;
        return (1, "process $pid of a decoy is visible") if grep { index($line, $_) >= 0 } @tokens;
    }
    return (0, scalar(pids()) . ' processes visible, none of a decoy');
};
probe 'process.other-users' => sub {
    my %owner;
    for my $pid (pids()) { my @stat = stat("/proc/$pid") or next; $owner{$stat[4]}++ }
    delete $owner{$>};
    my @others = sort { $a <=> $b } keys %owner;
    return (scalar(@others), @others ? 'processes of users ' . join(',', @others[0 .. ($#others > 5 ? 5 : $#others)]) : "only processes of user $>");
};
probe 'process.signal' => sub {
    my $pid = want('process-pid');
    return kill(0, $pid) ? (1, "process $pid of the platform takes signals") : (0, "kill: $!");
};

# --- files ---------------------------------------------------------------------------------------------------------
probe 'file.decoy-home' => sub { any_of('decoy-home-file', \&file_seen) };
probe 'file.decoy-tmp' => sub { any_of('tmp-name', sub { -e "/tmp/$_[0]" ? (1, "/tmp/$_[0] is there") : (0, "/tmp/$_[0]: $!") }) };
probe 'file.host' => sub { file_seen(want('host-file')) };
probe 'file.host-name' => sub {
    my $name = want('host-name');
    my $host = (POSIX::uname())[1];
    return ($host eq $name, "the host name is $host");
};
probe 'file.shadow' => sub { file_seen('/etc/shadow') };
probe 'file.root-write' => sub {
    for my $path ('/hofje-probe', '/etc/hofje-probe', '/usr/hofje-probe', '/var/hofje-probe') {
        if (sysopen(my $file, $path, O_CREAT | O_WRONLY | O_EXCL, 0600)) { close $file; unlink $path; return (1, "$path can be written") }
    }
    return (0, "the root cannot be written: $!");
};
probe 'file.runtime-sockets' => sub {
    my @found = grep { -e } '/run/docker.sock', '/run/containerd/containerd.sock', '/run/crun', '/run/podman', want('agent-socket');
    return (scalar(@found), @found ? join(' ', @found) : 'no runtime\'s socket');
};
probe 'file.mail-spool' => sub { my @found = grep { -e } want('mail-spool'), '/usr/sbin/exim4'; (scalar(@found), @found ? join(' ', @found) : 'no spool, no mail server') };
probe 'file.descriptors' => sub {
    my @paths = grep { defined && m{^/} && !m{^/(dev/(null|pts/\d+|tty|zero|u?random)|proc/|home/site|tmp)} && !/\(deleted\)/ } map { readlink "/proc/self/fd/$_" } entries('/proc/self/fd');
    return (scalar(@paths), @paths ? "inherited: @paths" : 'only pipes, sockets and terminals');
};
probe 'file.devices' => sub {
    my %fine = map { $_ => 1 } qw(null zero full random urandom tty console ptmx pts shm mqueue fd stdin stdout stderr core);
    my @devices = grep { !$fine{$_} } entries('/dev');
    return (scalar(@devices), @devices ? 'devices: ' . join(' ', @devices[0 .. ($#devices > 5 ? 5 : $#devices)]) : 'only the harmless ones');
};

# --- what the kernel tells of the machine -----------------------------------------------------------------------------
for my $name (qw(uptime loadavg meminfo stat cpuinfo partitions cgroups version kallsyms diskstats interrupts)) {
    probe "kernel.$name" => sub { file_seen("/proc/$name") };
}
probe 'kernel.boot-id' => sub { file_seen('/proc/sys/kernel/random/boot_id') };
probe 'kernel.sys' => sub { my @names = entries('/sys'); (scalar(@names), @names ? '/sys: ' . join(' ', @names) : '/sys is empty or absent') };
probe 'kernel.cgroup-tree' => sub { my @names = entries('/sys/fs/cgroup'); (scalar(@names), @names ? 'hierarchies: ' . join(' ', @names) : 'no hierarchy is mounted') };
probe 'kernel.cgroup-path' => sub {
    my $text = slurp('/proc/self/cgroup') // return (0, "/proc/self/cgroup: $!");
    my ($path) = grep { /hofje/ } split /\n/, $text;
    return (defined $path, $path // 'the names of its groups begin at the site');
};
probe 'kernel.mount-paths' => sub {
    my $text = slurp('/proc/self/mountinfo') // return (0, "/proc/self/mountinfo: $!");
    my $place = want('state-folder');
    my @lines = grep { my @f = split / /; index("$f[3] $f[4]", $place) >= 0 || ($f[3] eq '/' && $f[4] eq '/' && / ext4 | xfs /) } split /\n/, $text;
    return (scalar(@lines), @lines ? "mount table: $lines[0]" : 'the mount table names no folder of the machine');
};
probe 'kernel.mount-names' => sub {
    my $text = slurp('/proc/self/mountinfo') // return (0, "/proc/self/mountinfo: $!");
    my ($line) = grep { / btrfs / || / ext4 / } split /\n/, $text;
    return (defined $line, defined $line ? "mount table: $line" : 'no disk in the mount table');
};
probe 'kernel.uid-map' => sub {
    my $text = slurp('/proc/self/uid_map') // return (0, "/proc/self/uid_map: $!");
    my @rows = map { [split] } split /\n/, $text;
    return (scalar(@rows), join('; ', map { "@$_" } @rows));
};
probe 'kernel.log' => sub { my $buffer = "\0" x 1024; my $n = syscall($NR{syslog}, 3, $buffer, 1024); $n > 0 ? (1, "$n bytes of the kernel's log") : (0, "syslog: $!") };
probe 'kernel.sysinfo' => sub { my $buffer = "\0" x 128; my $r = syscall($NR{sysinfo}, $buffer); $r == 0 ? (1, 'up for ' . unpack('q', $buffer) . ' s') : (0, "sysinfo: $!") };
probe 'kernel.statfs' => sub {
    my $buffer = "\0" x 256;
    my $path = -d '/home/site' ? '/home/site' : '/';
    my $r = syscall($NR{statfs}, $path, $buffer);
    my @v = unpack('qqqq', $buffer);
    return $r == 0 ? (1, "the disk has $v[2] blocks of $v[1] bytes") : (0, "statfs: $!");
};

# --- system calls that make a hole -----------------------------------------------------------------------------------
sub refused { my ($r, $what) = @_; return $r >= 0 ? (1, "$what succeeded") : ($! == EPERM || $! == EACCES || $! == ENOSYS) ? (0, "$what: $!") : (1, "$what got as far as: $!") }

sub in_child {
    my ($look) = @_;
    pipe(my $reader, my $writer) or die "pipe: $!\n";
    my $pid = fork() // die "fork: $!\n";
    if ($pid == 0) { close $reader; my ($seen, $fact) = $look->(); syswrite $writer, ($seen ? 1 : 0) . $fact; POSIX::_exit(0) }
    close $writer;
    local $/ = undef;
    my $answer = <$reader> // '';
    waitpid $pid, 0;
    die "the child died\n" if $answer eq '';
    return (substr($answer, 0, 1), substr($answer, 1));
}

my %NAMESPACE = (user => 0x10000000, mount => 0x00020000, network => 0x40000000, pid => 0x20000000, uts => 0x04000000, ipc => 0x08000000, cgroup => 0x02000000);
for my $name (sort keys %NAMESPACE) {
    probe "call.namespace-$name" => sub { in_child(sub { refused(syscall($NR{unshare}, $NAMESPACE{$name}), "a new $name namespace") }) };
}
probe 'call.mount' => sub { in_child(sub { my ($a, $b, $c) = ('none', '/tmp', 'tmpfs'); my $r = syscall($NR{mount}, $a, $b, $c, 0, 0); syscall(166, $b, 0) if $r == 0; refused($r, 'mount') }) };
probe 'call.chroot' => sub { in_child(sub { my $path = '/tmp'; refused(syscall($NR{chroot}, $path), 'chroot') }) };
probe 'call.device' => sub { my $path = "/tmp/hofje-probe-device-$$"; my $r = syscall($NR{mknodat}, -100, $path, 0020600, (1 << 8) | 3); unlink $path if $r == 0; refused($r, 'a device node') };
probe 'call.setuid' => sub { in_child(sub { return (1, 'it is user 0') if $> == 0; $! = 0; POSIX::setuid(0) ? (1, 'became user 0') : (0, "setuid: $!") }) };
probe 'call.ptrace' => sub {
    my $pid = fork() // die "fork: $!\n";
    if ($pid == 0) { sleep 5; POSIX::_exit(0) }
    my @r = refused(syscall($NR{ptrace}, 0x4206, $pid, 0, 0), 'ptrace');
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return @r;
};
probe 'call.memory-of-others' => sub {
    my $local = "\0" x 8;
    my $vector = pack('Jq', unpack('J', pack('P', $local)), 8);
    refused(syscall($NR{process_vm_readv}, $$, $vector, 1, $vector, 1, 0), 'process_vm_readv');
};
probe 'call.kcmp' => sub { refused(syscall($NR{kcmp}, $$, $$, 0, 0, 0), 'kcmp') };
probe 'call.keyring' => sub { refused(syscall($NR{keyctl}, 0, -3, 1), 'keyctl') };
probe 'call.add-key' => sub { my ($t, $d, $v) = ('user', 'hofje-probe', 'x'); refused(syscall($NR{add_key}, $t, $d, $v, 1, -1), 'add_key') };
probe 'call.bpf' => sub { my $attr = "\0" x 120; substr($attr, 0, 16) = pack('LLLL', 2, 4, 4, 1); refused(syscall($NR{bpf}, 0, $attr, 120), 'bpf') };
probe 'call.io-uring' => sub { my $p = "\0" x 120; refused(syscall($NR{io_uring_setup}, 1, $p), 'io_uring_setup') };
probe 'call.perf' => sub { my $attr = "\0" x 128; substr($attr, 0, 8) = pack('LL', 1, 128); refused(syscall($NR{perf_event_open}, $attr, 0, -1, -1, 0), 'perf_event_open') };
probe 'call.userfaultfd' => sub { refused(syscall($NR{userfaultfd}, 0), 'userfaultfd') };
probe 'call.file-handle' => sub { my ($path, $handle, $id) = ('/', pack('Li', 128, 0) . "\0" x 128, "\0" x 4); refused(syscall($NR{name_to_handle_at}, -100, $path, $handle, $id, 0), 'name_to_handle_at') };
probe 'call.raw-socket' => sub { socket(my $s, AF_INET, SOCK_RAW, 1) ? (1, 'a raw socket') : (0, "raw socket: $!") };
probe 'call.packet-socket' => sub { socket(my $s, 17, SOCK_RAW, 0x0300) ? (1, 'a packet socket') : (0, "packet socket: $!") };
probe 'call.clock' => sub { refused(syscall($NR{settimeofday}, 0, 0), 'settimeofday') };
probe 'call.quota' => sub { my $dev = '/dev/null'; refused(syscall($NR{quotactl}, (0x800004 << 8) | 0, $dev, 0, 0), 'quotactl') };
probe 'call.subvolume' => sub {
    my $home = -d '/home/site' ? '/home/site' : want('btrfs-folder');
    sysopen(my $dir, $home, O_RDONLY | O_DIRECTORY) or die "$home: $!\n";
    my $argument = substr(pack('q', 0) . 'hofje-probe-subvolume' . "\0" x 4096, 0, 4096);
    my $r = ioctl($dir, 0x5000940e, $argument);
    my $error = "$!";
    rmdir "$home/hofje-probe-subvolume" if defined $r;
    return defined $r ? (1, 'a nested subvolume, outside the quota') : (0, "ioctl: $error");
};

# --- privileges ------------------------------------------------------------------------------------------------------
sub status_field { my ($name) = @_; my $text = slurp('/proc/self/status') // die "no status\n"; return $text =~ /^\Q$name\E:\s*(\S+)/m ? $1 : die "no $name\n" }
probe 'privilege.capabilities' => sub { my @sets = map { "$_=" . status_field($_) } qw(CapInh CapPrm CapEff CapBnd CapAmb); (scalar(grep { !/=0+$/ } @sets), join(' ', @sets)) };
probe 'privilege.no-new-privs' => sub { my $v = status_field('NoNewPrivs'); ($v ne '1', "NoNewPrivs=$v") };
probe 'privilege.seccomp' => sub { my $v = status_field('Seccomp'); ($v ne '2', "Seccomp=$v") };
probe 'privilege.setuid-programs' => sub {
    my @found;
    for my $folder (qw(/bin /sbin /usr/bin /usr/sbin /usr/lib/openssh /usr/lib/dbus-1.0)) { for (entries($folder)) { my @s = lstat("$folder/$_") or next; push @found, "$folder/$_" if ($s[2] & 06000) && ($s[2] & 0170000) == 0100000 } }
    return (scalar(@found), @found ? 'setuid: ' . join(' ', @found[0 .. ($#found > 3 ? 3 : $#found)]) : 'none');
};

# --- shared memory and queues ------------------------------------------------------------------------------------------
probe 'ipc.shared-memory' => sub { any_of('ipc-key', sub { syscall($NR{shmget}, $_[0] + 0, 0, 0) >= 0 ? (1, 'a decoy\'s segment') : (0, "shmget: $!") }) };
probe 'ipc.semaphores' => sub { any_of('ipc-key', sub { syscall($NR{semget}, $_[0] + 0, 0, 0) >= 0 ? (1, 'a decoy\'s semaphores') : (0, "semget: $!") }) };
probe 'ipc.messages' => sub { any_of('ipc-key', sub { syscall($NR{msgget}, $_[0] + 0, 0) >= 0 ? (1, 'a decoy\'s queue') : (0, "msgget: $!") }) };
probe 'ipc.posix-queue' => sub { any_of('ipc-name', sub { my $name = $_[0]; syscall($NR{mq_open}, $name, 0, 0, 0) >= 0 ? (1, 'a decoy\'s queue') : (0, "mq_open: $!") }) };
probe 'ipc.shm-file' => sub { any_of('ipc-name', sub { -e "/dev/shm/$_[0]" ? (1, "/dev/shm/$_[0] is there") : (0, "/dev/shm/$_[0]: $!") }) };

# --- sockets and network -------------------------------------------------------------------------------------------------
sub connects {
    my ($address, $port) = @_;
    socket(my $s, AF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
    fcntl($s, F_SETFL, fcntl($s, F_GETFL, 0) | O_NONBLOCK);
    return (1, "$address:$port answers") if connect($s, pack_sockaddr_in($port, inet_aton($address)));
    my $mask = '';
    vec($mask, fileno($s), 1) = 1;
    my ($n) = select(undef, my $ready = $mask, undef, 1);
    return (0, "$address:$port: no answer in 1 s") unless $n;
    $! = unpack('i', getsockopt($s, SOL_SOCKET, SO_ERROR));
    return $! == 0 ? (1, "$address:$port answers") : (0, "$address:$port: $!");
}
for my $name (qw(decoy-listener decoy-web decoy-loopback node-listener edge-admin mail-submission control-plane metadata mail-exchanger)) {
    probe "network.$name" => sub { any_of($name, sub { $_[0] =~ /^([0-9.]+):(\d+)$/ or die "no such bait\n"; connects($1, $2) }) };
}
probe 'network.abstract-socket' => sub {
    any_of('abstract-name', sub {
        socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
        connect($s, pack_sockaddr_un("\0$_[0]")) ? (1, 'a decoy\'s abstract socket answers') : (0, "connect: $!");
    });
};
probe 'network.file-socket' => sub {
    any_of('socket-file', sub {
        return (0, 'the path is too long to be reached') if length($_[0]) > 107;
        socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
        connect($s, pack_sockaddr_un($_[0])) ? (1, 'a decoy\'s socket answers') : (0, "connect: $!");
    });
};
probe 'network.interfaces' => sub {
    my @names = grep { length } map { m{^\s*([^:\s]+):} ? $1 : '' } split /\n/, slurp('/proc/self/net/dev') // '';
    my @others = grep { $_ ne 'lo' && $_ ne 'eth0' } @names;
    return (scalar(@others), @names ? "interfaces: @names" : 'no list of interfaces');
};
probe 'network.listeners' => sub {
    my %decoy = map { /:(\d+)$/ ? ($1 => 1) : () } split /,/, want('decoy-listener') . ',' . want('node-listener');
    my @ports;
    for my $file ('/proc/self/net/tcp', '/proc/self/net/tcp6') {
        for (split /\n/, slurp($file) // '') { push @ports, hex($1) if /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F:]+ 0A / }
    }
    return (scalar(grep { $decoy{$_} } @ports), @ports ? "listening: @ports" : 'no list of listeners');
};
probe 'network.neighbours' => sub {
    my @others = grep { !/^IP address/ && !/^10\.64\.0\.1 / } split /\n/, slurp('/proc/self/net/arp') // '';
    return (scalar(@others), @others ? $others[0] : 'only the way out');
};

# --- environment -----------------------------------------------------------------------------------------------------------
probe 'environment.host' => sub { my @names = grep { /proxy|HOFJE|^SUDO|^SSH_|^npm_|^NODE/i } sort keys %ENV; (scalar(@names), @names ? "variables: @names" : 'nothing of the machine\'s') };

# --- its place ---------------------------------------------------------------------------------------------------------------
probe 'place.cgroups' => sub {
    my @lines = split /\n/, slurp('/proc/self/cgroup') // die "no /proc/self/cgroup\n";
    # On a machine with both versions nothing is put into the second one's single line.
    @lines = grep { !/^0::/ } @lines if @lines > 1;
    my @outside = grep { !m{^\d+:[^:]*:/(?:entry/\w+|web)$} } @lines;
    return (scalar(@outside), @outside ? "outside the site's limits: $outside[0]" : scalar(@lines) . ' hierarchies, all in a group of the site');
};
