"""The commands of `pathae`, a file each: its arguments, what it calls, what it prints.

Each file has one function `add_parser`. What a command needs is imported when it runs, so that
`pathae --help` answers at once.
"""
