"""OMRON connect, the app: the CSV files that its history page shares.

Belongs here: everything that only OMRON connect's files have. Not here: what any file shares
(`files`), or OMRON's partner API (`omron`).
"""

from ohx_pipelines.providers.omron_connect.provider import OmronConnectFiles

__all__ = ["OMRON_CONNECT", "OmronConnectFiles"]

OMRON_CONNECT = OmronConnectFiles()
