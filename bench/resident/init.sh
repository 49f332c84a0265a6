#!/bin/sh
# May be the first process of a pid namespace: a shell that waits also takes leave of what daemons have left behind.
"$@"
exit $?
