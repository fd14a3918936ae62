"""Carrying out a run: its folder, its assembly, its accounts, and what is made from a finished one."""
