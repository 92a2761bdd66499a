"""What `ohx doctor` looks at, one function per question.

Belongs here: the list of the checks, in the order in which they are told. Not here: the command.
"""

from ohx_pipelines.cli.checks.every import Check, all_checks, check_settings

__all__ = ["Check", "all_checks", "check_settings"]
