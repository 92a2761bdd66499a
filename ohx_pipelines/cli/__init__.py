"""`ohx`: one module per command group; starts processes and reads the store.

Belongs here: commands. Not here: dagster or the sandbox, which run as processes of their own.
"""

from ohx_pipelines.cli.main import main

__all__ = ["main"]
