#!/usr/bin/perl
# A second verifier of evidence bundles, written from the README.txt of a bundle and nothing else.
#
#     second_verifier.pl KEY FOLDER...
#
# prints a line for each folder: WHOLE LOG, CASES WHOLE or A PART, or NO and what is wrong.
# It needs Perl, its Digest::SHA and MIME::Base64, and openssl for the signatures.
use strict;
use warnings;
use Digest::SHA qw(sha256 sha256_hex);
use Encode ();
use File::Temp qw(tempdir);
use MIME::Base64 qw(decode_base64 encode_base64);

my $SCRATCH = tempdir(CLEANUP => 1);
my %ESCAPE = ("\b" => 'b', "\t" => 't', "\n" => 'n', "\f" => 'f', "\r" => 'r', '"' => '"', "\\" => "\\");
my %UNESCAPE = reverse %ESCAPE;

sub content {
    my ($path) = @_;
    open(my $file, '<:raw', $path) or die "no $path\n";
    local $/;
    my $data = <$file>;
    return defined $data ? $data : '';
}

sub text {
    my ($bytes) = @_;
    my $text = $bytes;
    # Encode refuses code points that are no characters, which UTF-8 does not.
    die "no UTF-8\n" if !utf8::decode($text) || $text =~ /[\x{d800}-\x{dfff}\x{110000}-\x{7fffffff}]/;
    return $text;
}

sub utf8_of {
    my ($text) = @_;
    utf8::encode($text);
    return $text;
}

# --- 1. Lines: a JSON value is ['t', text], ['n', digits], ['l', [...]], ['o', {...}] or ['w', word].

sub parse {
    my ($line) = @_;
    my $string = text($line);
    pos($string) = 0;
    my $value = value(\$string, 0);
    die "more than a value\n" if pos($string) < length $string;
    die "not canonical\n" if spelt($value) ne $line;
    return $value;
}

sub value {
    my ($s, $depth) = @_;
    die "nested too deep\n" if $depth == 32 && $$s =~ /\G[\[{]/;
    if ($$s =~ /\G\{/gc) {
        my %held;
        return ['o', \%held] if $$s =~ /\G\}/gc;
        while (1) {
            my $name = string($s);
            $$s =~ /\G:/gc or die "no colon\n";
            $held{$name} = value($s, $depth + 1);
            next if $$s =~ /\G,/gc;
            last if $$s =~ /\G\}/gc;
            die "no end of an object\n";
        }
        return ['o', \%held];
    }
    if ($$s =~ /\G\[/gc) {
        my @held;
        return ['l', \@held] if $$s =~ /\G\]/gc;
        while (1) {
            push @held, value($s, $depth + 1);
            next if $$s =~ /\G,/gc;
            last if $$s =~ /\G\]/gc;
            die "no end of a list\n";
        }
        return ['l', \@held];
    }
    return ['t', string($s)] if $$s =~ /\G(?=")/gc;
    return ['w', $1] if $$s =~ /\G(true|false|null)/gc;
    if ($$s =~ /\G(-?(?:0|[1-9][0-9]{0,15}))(?![0-9.eE])/gc) {
        my $number = $1;
        die "a number too great\n" if abs($number) > 9007199254740992 || $number eq '-0';
        return ['n', $number];
    }
    die "no JSON\n";
}

sub string {
    my ($s) = @_;
    $$s =~ /\G"((?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u[0-9a-f]{4})*)"/gc or die "no text\n";
    my $raw = $1;
    $raw =~ s/\\(?:u([0-9a-f]{4})|(.))/defined $1 ? chr(hex $1) : $UNESCAPE{$2}/ge;
    return $raw;
}

sub quoted {
    my ($string) = @_;
    $string =~ s/([\x00-\x1f"\\])/"\\" . (exists $ESCAPE{$1} ? $ESCAPE{$1} : sprintf('u%04x', ord $1))/ge;
    return '"' . utf8_of($string) . '"';
}

sub spelt {
    my ($value) = @_;
    my ($type, $held) = @$value;
    return quoted($held) if $type eq 't';
    return $held if $type eq 'n' || $type eq 'w';
    return '[' . join(',', map { spelt($_) } @$held) . ']' if $type eq 'l';
    return '{' . join(',', map { quoted($_) . ':' . spelt($held->{$_}) } sort keys %$held) . '}';
}

sub lines {
    my ($path) = @_;
    my $data = content($path);
    $data =~ s/\A\xef\xbb\xbf//;
    my @lines = split /\n/, $data;
    die "a line too long\n" if grep { length >= 2**24 } @lines;
    return grep { length } map { s/[\x09-\x0d ]+\z//r } @lines;
}

sub member { my ($object, $name) = @_; return $object->[0] eq 'o' ? $object->[1]{$name} : undef; }

sub number {
    my ($object, $name) = @_;
    my $held = member($object, $name);
    die "$name is no number\n" unless $held && $held->[0] eq 'n';
    return $held->[1];
}

sub words {
    my ($object, $name) = @_;
    my $held = member($object, $name);
    die "$name is no text\n" unless $held && $held->[0] eq 't' && length $held->[1];
    return $held->[1];
}

# --- 2. and 3. Keys, signatures, checkpoints.

my $NAME = '[^\s+\x{00}-\x{1f}\x{7f}-\x{9f}\x{ad}\x{61c}\x{180e}\x{200b}-\x{200f}\x{2028}-\x{202e}'
    . '\x{2060}-\x{206f}\x{feff}\x{fff9}-\x{ffff}]+';
# The points whose order divides 8, as RFC 8032 writes them.
my %SMALL = map { $_ => 1 } ('01' . '00' x 31, '00' x 32, '00' x 31 . '80', 'ec' . 'ff' x 30 . '7f',
    map { my $x = $_; map { $x . $_ } qw(05 85) }
        '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc');
$SMALL{'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03' . $_} = 1 for qw(7a fa);

sub bytes_of {
    my ($base64) = @_;
    my $bytes = decode_base64($base64);
    die "no Base64\n" unless encode_base64($bytes, '') eq $base64;
    return $bytes;
}

sub key {
    my ($told) = @_;
    my ($name, $id, $blob) = $told =~ /\A([^+]+)\+([0-9a-f]{8})\+(.+)\z/s or die "no key\n";
    my $key = bytes_of($blob);
    die "no key of a log\n" unless length $key == 33 && ord $key == 1 && text($name) =~ /\A$NAME\z/;
    die "no such key\n" unless substr(sha256_hex("$name\n$key"), 0, 8) eq $id;
    my $y = substr(unpack('H*', $key), 2);
    # A point has one form: y is below p, and where x is 0 it has no sign.
    die "no key that signs\n" if $SMALL{$y} || $y =~ /\A(?:e[d-f]|f.)(?:ff){30}[7f]f\z/
        || $y =~ /\A(?:01(?:00){30}80|ec(?:ff){31})\z/;
    return {name => $name, id => pack('H8', $id), public => substr($key, 1)};
}

sub signed_by {
    my ($key, $message, $signature) = @_;
    # What stands before the key in the form openssl reads (RFC 8410).
    my $der = pack('H*', '302a300506032b6570032100') . $key->{public};
    my %file = (key => $der, message => $message, signature => $signature);
    for my $name (keys %file) {
        open(my $file, '>:raw', "$SCRATCH/$name") or die "no room\n";
        print $file $file{$name};
        close $file;
    }
    my @command = ('openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-rawin');
    my $words = join ' ', @command, '-inkey', "$SCRATCH/key", '-in', "$SCRATCH/message",
        '-sigfile', "$SCRATCH/signature";
    return system("$words >/dev/null 2>&1") == 0;
}

sub unmangled {
    my ($data) = @_;
    my $read = $data =~ /\A(?:\xff\xfe|\xfe\xff)/ ? Encode::decode('UTF-16', $data, Encode::FB_CROAK)
        : text($data);
    $read =~ s/\A\x{feff}+//;
    my @rows = map { s/\A[ \t\x{a0}]+|[ \t\x{a0}]+\z//gr } split /\r*\n|\r/, $read, -1;
    while ((grep { length } @rows) && !(grep { length && !/\A>/ } @rows)) {
        @rows = map { s/\A>?[ \t\x{a0}]*//r } @rows;
    }
    my $text = join("\n", @rows) =~ s/\A\n+|\n+\z//gr . "\n";
    $text =~ s/^(\x{2014} \S+)\n(?=\S)/$1 /mg;
    return $text;
}

sub note {
    my ($path, $key) = @_;
    my ($told, $rest) = unmangled(content($path)) =~ /\A(.*?\n)\n(.+)\z/s or die "no signed text\n";
    my $right = 0;
    chop $rest;
    for my $line (split /\n/, $rest, -1) {
        my ($name, $blob) = $line =~ /\A\x{2014} ($NAME) ([A-Za-z0-9+\/=]+)\z/ or die "no signature\n";
        my $bytes = bytes_of($blob);
        die "no signature\n" unless length $bytes > 4;
        next unless utf8_of($name) eq $key->{name} && substr($bytes, 0, 4) eq $key->{id};
        die "a signature is wrong\n" unless length $bytes == 68;
        die "a signature is wrong\n"
            unless signed_by($key, utf8_of($told), substr($bytes, 4));
        $right = 1;
    }
    die "not signed with this key\n" unless $right;
    return utf8_of($told);
}

# --- 6. The tree.

sub hash_of {
    my ($lo, $hi, $known) = @_;
    return delete $known->{"$lo-$hi"} if exists $known->{"$lo-$hi"};
    die "event $lo is missing\n" if $hi - $lo == 1;
    my $power = 1;
    $power *= 2 while $power * 2 < $hi - $lo;
    my $middle = $lo + $power;
    return sha256("\1" . hash_of($lo, $middle, $known) . hash_of($middle, $hi, $known));
}

# --- 4. and 5. Events and their values.

my %KINDS = map { $_ => 1 } qw(
    case cause conference digest holiday intake office organisation paper person register request
    template view
);
my %ACTS = map { $_ => 1 } split /, *\n? */, 'add, amend, answer, ask, ask-time, assign, away, back, close, confirm, contest, coordinate, correct,
    deactivate, edit, end, extend, found, grant, hold, import, issue, key, link, loss, move, note,
    notify, policy, propose, reassign, recompute, redact, refuse, refuse-time, refused, remind, remove,
    renew-key, reopen, reopen as assigned, reopen as proposed, reopen as studied, reply, resolve,
    resume, retire, return, revoke, rules, study, trial, uphold, verdict, withdraw, withdraw-time,
    witness';

sub is_null { my ($value) = @_; return !$value || ($value->[0] eq 'w' && $value->[1] eq 'null'); }

sub is_words { my ($value) = @_; return $value && $value->[0] eq 't' && length $value->[1]; }

sub is_number { my ($value) = @_; return $value && $value->[0] eq 'n' && $value->[1] >= 0; }

sub is_commitment {
    my ($value) = @_;
    return $value->[0] eq 'o' && keys %{$value->[1]} == 1 && is_words($value->[1]{commitment})
        && $value->[1]{commitment}[1] =~ /\A[0-9a-f]{64}\z/;
}

sub is_day {
    my ($value) = @_;
    my ($year, $month, $day) = is_words($value)
        && $value->[1] =~ /\A([0-9]{4})-([0-9]{2})-([0-9]{2})\z/ or return 0;
    my $leap = $year % 4 == 0 && ($year % 100 || $year % 400 == 0);
    my @days = (0, 31, $leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
    return $year > 0 && $month > 0 && $month < 13 && $day > 0 && $day <= $days[$month];
}

sub is_moment {
    my ($value) = @_;
    my ($day, $hour, $rest) = is_words($value)
        && $value->[1] =~ /\A(.{10})T([0-9]{2})((?::[0-5][0-9]){2}\.[0-9]{6}Z)\z/ or return 0;
    return $hour < 24 && is_day(['t', $day]);
}

sub is_place {
    my ($value) = @_;
    return $value->[0] eq 'l' && @{$value->[1]} == 2 && is_number($value->[1][0])
        && is_words($value->[1][1]);
}

sub is_command {
    my ($value) = @_;
    return $value->[0] eq 'o' && join(' ', sort keys %{$value->[1]}) eq 'key what'
        && !grep { !is_words($_) } values %{$value->[1]};
}

sub is_word { my ($value) = @_; return is_words($value) || is_commitment($value); }

my %MAY = (
    (map { $_ => \&is_word } qw(login note reason document)),
    (map { $_ => \&is_number } qw(amends strikes)),
    document_date => \&is_day,
    deputy_of => \&is_words,
    redacts => sub { $_[0][0] eq 'l' && !grep { !is_place($_) } @{$_[0][1]} },
    command => \&is_command,
    reported => sub { $_[0][0] eq 'o' },
);

sub check_event {
    my ($event, $last) = @_;
    die "no event\n" unless $event->[0] eq 'o';
    my $seq = number($event, 'seq');
    words($event, $_) for qw(act actor tool kind key);
    die "of a later program\n" unless $KINDS{words($event, 'kind')} && $ACTS{words($event, 'act')};
    die "an unknown format\n" unless number($event, 'v') =~ /\A[12]\z/;
    die "no moment\n" unless is_moment(member($event, 'recorded_at'));
    die "no day\n" unless is_day(member($event, 'effective_on'));
    for my $name (keys %MAY) {
        my $held = member($event, $name);
        die "its $name\n" unless is_null($held) || $MAY{$name}->($held);
    }
    my $record = quoted(words($event, 'kind')) . quoted(words($event, 'key'));
    my $before = $last->{$record} || [-1, 0];
    die "an event before $seq is missing\n"
        unless number($event, 'prev') == $before->[0] && number($event, 'version') == $before->[1] + 1;
    $last->{$record} = [$seq, $before->[1] + 1, $event];
    return $seq;
}

sub check_values {
    my ($event, $told) = @_;
    my %sealed;
    my $changes = member($event, 'changes');
    die "no changes\n" unless $changes && $changes->[0] eq 'o';
    for my $field (keys %{$changes->[1]}) {
        my $pair = $changes->[1]{$field};
        die "no old and new value\n" unless $pair->[0] eq 'l' && @{$pair->[1]} == 2;
        for my $place (0, 1) {
            my $held = $pair->[1][$place];
            next unless $held->[0] eq 'o';
            die "an object in changes\n" unless is_commitment($held);
            $sealed{"$field.$place"} = $held->[1]{commitment}[1];
        }
    }
    for my $name (qw(login note reason document)) {
        my $held = member($event, $name);
        my $digest = $held && member($held, 'commitment');
        $sealed{$name} = $digest->[1] if $digest;
    }
    my $values = member($told, 'values');
    die "no values\n" unless $values && $values->[0] eq 'o' && keys %{$told->[1]} == 2;
    for my $path (keys %{$values->[1]}) {
        my $pair = $values->[1]{$path};
        die "no salt and value\n" unless $pair->[0] eq 'l' && @{$pair->[1]} == 2;
        my ($salt, $value) = @{$pair->[1]};
        die "no salt\n" unless $salt->[0] eq 't' && $salt->[1] =~ /\A[0-9a-f]{32}\z/;
        my $digest = sha256_hex("casework/field/1\0" . pack('H*', $salt->[1]) . spelt($value));
        die "$path is not what was committed to\n" unless ($sealed{$path} || '') eq $digest;
    }
    return;
}

sub check {
    my ($folder, $key) = @_;
    my $told = note("$folder/checkpoint.txt", $key);
    my ($name, $size, $root) = $told =~ /\A(.+)\n([1-9][0-9]{0,15})\n(\S+)\n\z/ or die "no checkpoint\n";
    die "another log\n" unless $name eq $key->{name} && length bytes_of($root) == 32;
    my @events = lines("$folder/events.jsonl");
    my @values = lines("$folder/disclosed.jsonl");
    die "not equally many lines\n" unless @events == @values && @events;
    my (%known, %last);
    my $before = -1;
    for my $place (0 .. $#events) {
        my $event = parse($events[$place]);
        my $values = parse($values[$place]);
        my $seq = check_event($event, \%last);
        die "out of order\n" unless $before < $seq && $seq < $size && number($values, 'seq') == $seq;
        $before = $seq;
        check_values($event, $values);
        $known{"$seq-" . ($seq + 1)} = sha256("\0$events[$place]");
    }
    my $end = 0;
    for my $line (lines("$folder/proofs.jsonl")) {
        my $proof = parse($line);
        my ($lo, $hi, $digest) = (number($proof, 'from'), number($proof, 'to'), words($proof, 'hash'));
        die "no proof\n" unless keys %{$proof->[1]} == 3 && $digest =~ /\A[0-9a-f]{64}\z/;
        die "proofs out of order\n" if $lo < $end || $hi <= $lo || exists $known{"$lo-$hi"};
        $known{"$lo-$hi"} = pack('H*', $digest);
        $end = $hi;
    }
    my $hash = hash_of(0, $size, \%known);
    die "not the root\n" unless encode_base64($hash, '') eq $root && !%known;
    my $listed = -e "$folder/cases.txt" || -l "$folder/cases.txt";
    return @events == $size ? 'WHOLE LOG' : 'A PART' unless $listed;
    my %ends = map { words($_->[2], 'key') => $_->[0] }
        grep { words($_->[2], 'kind') eq 'case' } values %last;
    my $cases = join '', map { '{"case":' . quoted($_) . ',"last":' . $ends{$_} . "}\n" } sort keys %ends;
    my $list = "casework list of cases, version 1\n$told$cases";
    die "cases.txt names other events\n" unless note("$folder/cases.txt", $key) eq $list;
    return @events == $size ? 'WHOLE LOG' : 'CASES WHOLE';
}

$| = 1;
my ($told, @folders) = @ARGV;
my $key = key($told);
for my $folder (@folders) {
    my $verdict = eval { check($folder, $key) } || "NO: $@";
    chomp $verdict;
    print "$verdict\n";
}
