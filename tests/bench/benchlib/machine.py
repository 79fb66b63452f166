"""What the machine is and does: facts for the report, processor time of processes."""
import os
import platform
import re
import subprocess

TICK = os.sysconf("SC_CLK_TCK")


def _read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def _first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "absent"
    return (done.stdout or done.stderr).strip().splitlines()[0] if done.stdout or done.stderr else ""


def load():
    return os.getloadavg()[0]


def stolen():
    """Ticks that the hypervisor took, and all ticks."""
    numbers = [int(n) for n in _read("/proc/stat").splitlines()[0].split()[1:]]
    return numbers[7], sum(numbers[:8])


def ticks(pid, children_too=False):
    """Processor time of a process so far, and of its children that have ended."""
    try:
        # The name in the second field may hold spaces.
        fields = _read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15 if children_too else 13])


def children(pid):
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            parent = int(_read(f"/proc/{name}/stat").rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found.append(int(name))
    return found


def resident_mb(pid):
    match = re.search(r"^VmRSS:\s+(\d+)", _read(f"/proc/{pid}/status"), re.M)
    return int(match.group(1)) // 1024 if match else 0


def facts(source):
    cpu = re.search(r"model name\s*:\s*(.*)", _read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s+(\d+)", _read("/proc/meminfo"))
    return {
        "processor": cpu.group(1) if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory.group(1)) / 1024 / 1024) if memory else 0,
        "kernel": platform.release(),
        "postgresql": _first_line("/usr/bin/psql", "--version"),
        "pgbench": _first_line("/usr/bin/pgbench", "--version"),
        "h2load": _first_line("h2load", "--version"),
        "commit": _first_line("git", "-C", source, "rev-parse", "--short", "HEAD"),
        "changed": bool(_first_line("git", "-C", source, "status", "--porcelain", "-uno")),
    }
