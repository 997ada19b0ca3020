"""The settings a private server runs with: for a small machine, and durable unless it is thrown away."""

from pathlib import Path

ACCESS_RULES = """\
# Written by geo-engine at every start: a password from everybody, nobody from another machine.
local all all              scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
"""

_SETTINGS: dict[str, object] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": 100,
    "max_logical_replication_workers": 0,
    "max_locks_per_transaction": 256,  # a query over a year of partitions locks each of them
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": 1.1,
    "jit": "off",
    # Files instead of /dev/shm, which containers keep small and systemd empties when an ordinary user logs out.
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "on",
    "log_filename": "server-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": 0,
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
    "log_parameter_max_length_on_error": 0,  # no tenant's data in a log
}
_THROWN_AWAY: dict[str, object] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "shared_preload_libraries": "postgis-3",  # or each connection loads it, for 7 ms; a test has a few of its own
}


def server_settings(*, port: int, socket_dir: Path, log_dir: Path, access_rules: Path, is_durable: bool) -> str:
    """Return the text of ``postgresql.conf``."""
    places = {
        "port": port,
        "unix_socket_directories": socket_dir,
        "log_directory": log_dir,
        "hba_file": access_rules,
    }
    settings = {**_SETTINGS, **places, **({} if is_durable else _THROWN_AWAY)}
    lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    return "\n".join(["# Written by geo-engine at every start; ALTER SYSTEM has the last word.", *lines, ""])


def _quoted(value: object) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"
