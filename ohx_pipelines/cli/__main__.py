"""`python -m ohx_pipelines.cli`: the same as `ohx`.

Belongs here: the call. Not here: commands.
"""

from ohx_pipelines.cli.main import main

main()
