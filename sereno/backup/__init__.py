"""Backup and restore of the station's own database: base backups and the write-ahead log, sealed, in a target folder.

As data goes: `backup_key` and `sealed_file` (how one file is sealed), `archive` (what lies in the target), `base` and
`shipping` (what fills it), `archiver` (the process that does so all the time), then `choose`, `recovery`, `restoring`.
"""
