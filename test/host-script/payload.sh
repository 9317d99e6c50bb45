#!/bin/sh
# What a script with files begins with (run.ts). The line "exit" ends the scripts; behind it are files, each
# in base64 after a line "file NAME".

# unpack NAME: to /run
unpack() {
	sed "1,/^file $1\$/d; /^file /,\$d" "$0" | base64 --decode >"/run/$1"
}
