"""The commands of `pathae`, a file each: its arguments, what it calls, what it prints.

Each file has one function `add_parser`. What a command needs is imported when it runs, so that
`pathae --help` answers at once.

A command gives its exit code, or None for 0. `EXIT_UNSOUND` says that a file was looked at and is
not sound, `EXIT_LACKING` that this machine lacks what the file needs to be decoded; Python itself
ends with 1 after an error that nobody foresaw.
"""

EXIT_UNSOUND = 3
EXIT_LACKING = 4
EXIT_INTERRUPTED = 130
