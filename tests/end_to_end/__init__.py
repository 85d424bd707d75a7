"""Hookcli as its users meet it: a program in a terminal, a pipe, a file."""
